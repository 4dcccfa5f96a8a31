import { afterEach, describe, expect, test, vi } from "vitest";
import { ApiError } from "$api/problem";
import { ask, ChatRefused, CutError, type ChatEvent } from "./events";

const encoder = new TextEncoder();
function streamOf(pieces: readonly string[], error?: Error): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(encoder.encode(piece));
      if (error) controller.error(error);
      else controller.close();
    },
  });
  return new Response(body, { headers: { "Content-Type": "text/event-stream; charset=utf-8" } });
}
const answers = (response: Response | Error) =>
  vi.stubGlobal(
    "fetch",
    vi.fn(() => (response instanceof Error ? Promise.reject(response) : Promise.resolve(response))),
  );
async function all(signal = new AbortController().signal): Promise<ChatEvent[]> {
  const events: ChatEvent[] = [];
  for await (const event of ask({ model: "m", messages: [{ role: "user", content: "q" }] }, signal))
    events.push(event);
  return events;
}
const END = 'event: end\ndata: {"outcome":"success","rounds":1,"queries":0,"elapsed_ms":1}\n\n';
afterEach(() => vi.unstubAllGlobals());

describe("the events of a chat", () => {
  test("in pieces that break anywhere, with comments between, in bytes that are halves of letters", async () => {
    const text = `: keep-alive\n\nevent: delta\ndata: {"round":1,"text":"Größe 株"}\n\n: keep-alive\n\n${END}`;
    const bytes = encoder.encode(text);
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(new Uint8Array([byte]));
        controller.close();
      },
    });
    answers(new Response(body, { headers: { "Content-Type": "text/event-stream" } }));
    expect(await all()).toMatchObject([{ event: "delta", data: { text: "Größe 株" } }, { event: "end" }]);
  });
  test("names that are not known are passed over", async () => {
    answers(streamOf([`event: news\ndata: {}\n\n${END}`]));
    expect((await all()).map((one) => one.event)).toEqual(["end"]);
  });
  test("nothing is read after the last one", async () => {
    answers(
      streamOf([
        `event: error\ndata: {"status":504,"limit":"total"}\n\nevent: delta\ndata: {"round":1,"text":"x"}\n\n`,
      ]),
    );
    expect((await all()).map((one) => one.event)).toEqual(["error"]);
  });
});

describe("what is no whole answer", () => {
  test("a stream that ends early, breaks, or says what cannot be read", async () => {
    for (const response of [
      streamOf(['event: delta\ndata: {"round":1,"text":"x"}\n\n']),
      streamOf(['event: delta\ndata: {"round":1,'], new Error("reset")),
      streamOf(["event: delta\ndata: {{\n\n"]),
    ]) {
      answers(response);
      await expect(all()).rejects.toBeInstanceOf(CutError);
    }
  });
  test("a problem before it began, with its document", async () => {
    answers(new Response('{"detail":"no model x","retry_after_seconds":3}', { status: 503 }));
    const error = await all().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ChatRefused);
    expect((error as ChatRefused).document).toEqual({
      detail: "no model x",
      retry_after_seconds: 3,
      status: 503,
    });
  });
  test("no gateway, or something else in its place", async () => {
    answers(new TypeError("failed to fetch"));
    await expect(all()).rejects.toMatchObject({ status: 0 });
    answers(new Response("<html>", { headers: { "Content-Type": "text/html" } }));
    await expect(all()).rejects.toBeInstanceOf(ApiError);
  });
});
