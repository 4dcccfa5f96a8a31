import { describe, expect, it, vi } from "vitest";
import { api, good, guardedFetch, whenSessionEnds } from "./client";
import { waitBefore } from "./events.svelte";
import { ApiError } from "./problem";
import { EventParser } from "./sse";

const json = (status: number, body: unknown, headers = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json", ...headers } });

describe("a call", () => {
  it("resolves to the document and its version", async () => {
    vi.stubGlobal("fetch", async () => json(200, { chat_seconds: 900 }, { ETag: '"7"' }));
    const { data, etag } = await good(api.GET("/api/settings/timeouts"));
    expect([data.chat_seconds, etag]).toEqual([900, '"7"']);
  });

  it("throws a problem with what is wrong with each field", async () => {
    const problem = {
      title: "x",
      detail: "d",
      errors: [{ field: "chat_seconds", message: "is 5: give 60 to 7200" }],
    };
    vi.stubGlobal("fetch", async () => json(422, problem));
    const error = await good(api.GET("/api/settings/timeouts")).catch((thrown: unknown) => thrown as ApiError);
    expect(error).toBeInstanceOf(ApiError);
    expect((error as ApiError).fields.get("chat_seconds")).toBe("Is 5: give 60 to 7200.");
  });

  it("says so when nobody answers", async () => {
    vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("failed")));
    const error = await good(api.GET("/api/state")).catch((thrown: unknown) => thrown as ApiError);
    expect((error as ApiError).unreachable).toBe(true);
  });

  it("is repeated, body and all, after somebody has signed in again", async () => {
    const bodies: string[] = [];
    vi.stubGlobal("fetch", async (request: Request) => {
      bodies.push(await request.text());
      return json(bodies.length === 1 ? 401 : 200, {});
    });
    whenSessionEnds(async () => true);
    const response = await guardedFetch(
      new Request("http://localhost/api/settings/timeouts", { method: "PUT", body: '{"chat_seconds":1200}' }),
    );
    expect(response.status).toBe(200);
    expect(bodies).toEqual(['{"chat_seconds":1200}', '{"chat_seconds":1200}']);
  });
});

describe("live events", () => {
  it("come whole out of any pieces", () => {
    const parser = new EventParser();
    const text = ': connected\n\nid: r1.c2\nevent: request\ndata: {"id":1}\n\nevent: running\ndata: {}\n\n';
    const events = [...text].flatMap((character) => parser.feed(character));
    expect(events).toEqual([
      { id: "r1.c2", event: "request", data: '{"id":1}' },
      { id: undefined, event: "running", data: "{}" },
    ]);
  });

  it("wait longer each time, half a minute at most", () => {
    expect(waitBefore(1, 0.5)).toBe(1000);
    expect(waitBefore(3, 0.5)).toBe(4000);
    expect(waitBefore(20, 0.5)).toBe(30_000);
  });
});
