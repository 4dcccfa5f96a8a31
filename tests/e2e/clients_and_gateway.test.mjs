// What the gateway really sends is read by each client as the table of clients.md promises.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { generateText, streamText } from "ai";

import { HELLO, ONE_EACH, anthropic, drainAnthropic, drainOpenai, drainVercel, openai, tokens, vercel } from "./support/clients.mjs";
import { startGateway, startSimulator, provider } from "./support/gateway.mjs";
import { openRaw, jsonRequest } from "./support/raw.mjs";

const HEARTBEAT_SECONDS = 0.05;

let simulator;
let gateway;
let stream;
before(async () => {
  simulator = await startSimulator();
  gateway = await startGateway({
    config: `[timeouts]\nheartbeat_seconds = ${HEARTBEAT_SECONDS}\n` + provider("far", `${simulator.url}/v1`),
  });
  const fresh = { defaultHeaders: ONE_EACH };
  stream = {
    openai: (model, headers = {}) => drainOpenai(() => openai(gateway.url, fresh).chat.completions.create({ model, messages: HELLO, stream: true }, { headers })),
    ai: (model, headers = {}) => drainVercel(streamText({ model: vercel(gateway.url, { headers: { ...ONE_EACH, ...headers } })(model), prompt: "hi", maxRetries: 0, onError: () => {} })),
    anthropic: (model, headers = {}) => drainAnthropic(() => anthropic(gateway.url, fresh).messages.create({ model, max_tokens: 99, messages: HELLO, stream: true }, { headers })),
  };
});
after(async () => {
  await gateway.stop();
  await simulator.stop();
});

const clients = ["openai", "ai", "anthropic"];
const messageOf = (seen) => String(seen.error?.message ?? seen.error);

for (const client of clients) {
  describe(client, { concurrency: true }, () => {
    test("heartbeats before the head, before the first token and between tokens", async () => {
      const seen = await stream[client]("sim:tokens=3,headers_ms=300,ttft_ms=300,itl_ms=150");
      assert.deepEqual([seen.text, seen.error], [tokens(3), undefined]);
      assert.match(seen.finish ?? seen.stop, /^(stop|end_turn)$/);
    });

    test("an error event after heartbeats only: our message, no text", async () => {
      const seen = await stream[client]("sim:never", { "X-Request-Timeout": "0.3" });
      assert.equal(seen.text, "");
      assert.match(messageOf(seen), /Request timed out after 0\.3 seconds/);
    });

    test("an error event in the middle: our message, the text so far", async () => {
      const seen = await stream[client]("sim:tokens=9,hang_after=4", { "X-Request-Timeout": "0.3" });
      assert.equal(seen.text, tokens(4));
      assert.match(messageOf(seen), /Request timed out after 0\.3 seconds/);
    });

    for (const fault of ["reset_after=3", "close_after=3", "garbage_after=3"]) {
      test(`the upstream breaks off (${fault}): an error, the text so far`, async () => {
        const seen = await stream[client](`sim:tokens=9,itl_ms=10,${fault}`);
        // The third token may share a packet with the garbage, and is then lost with it.
        assert.ok([tokens(3), ...(fault.startsWith("garbage") ? [tokens(2)] : [])].includes(seen.text), seen.text);
        assert.match(messageOf(seen), /The upstream.s answer broke off/);
      });
    }

    test("the upstream is lost after heartbeats have promised a stream", async () => {
      const seen = await stream[client]("sim:headers_ms=200,status=503");
      assert.equal(seen.text, "");
      assert.ok(seen.error, "no error");
    });
  });
}

test("what all this looks like on the wire", async () => {
  const raw = await openRaw(gateway.port);
  raw.write(jsonRequest("/v1/chat/completions", { model: "sim:tokens=9,headers_ms=200,hang_after=2", stream: true, messages: HELLO }, { "X-Request-Timeout": "0.5" }));
  const { text } = await raw.ended;
  raw.destroy();
  assert.match(text, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(text, /\r\nContent-Type: text\/event-stream/);
  assert.ok(text.split(": keep-alive\n\n").length > 3, text);
  assert.doesNotMatch(text, /\n(id|retry):/);
  const [, last] = text.split("event: error\ndata: ");
  const document = JSON.parse(last.slice(0, last.indexOf("\n")));
  assert.deepEqual([document.type, document.status, document.limit, document.limit_seconds], ["https://mlx-manager.dev/errors/timeout", 504, "total", 0.5]);
  assert.deepEqual([document.error.type, document.error.message], [document.type, "Request timed out after 0.5 seconds"]);
  assert.ok(text.endsWith("\r\n0\r\n\r\n"), "nothing follows, and the body is whole");
  assert.ok(!text.includes("[DONE]"));
});

describe("a problem document before the head", () => {
  const model = "far/sim:status=500";
  test("an error status of the upstream is the upstream's", async () => {
    const error = await openai(gateway.url).chat.completions.create({ model, messages: HELLO }).catch((thrown) => thrown);
    assert.equal(error.status, 500);
  });

  test("502 when nobody listens, for each client", async () => {
    const alone = await startGateway({ config: provider("gone", "http://127.0.0.1:9/v1") + provider("gone-too", "http://127.0.0.1:9/v1", { kind: "anthropic" }) });
    const first = await openai(alone.url).chat.completions.create({ model: "gone/m", messages: HELLO }).catch((thrown) => thrown);
    assert.deepEqual([first.status, first.type], [502, "https://mlx-manager.dev/errors/bad-gateway"]);
    const second = await generateText({ model: vercel(alone.url)("gone/m"), prompt: "hi", maxRetries: 0 }).catch((thrown) => thrown);
    assert.equal(second.statusCode, 502);
    assert.match(second.message, /The upstream did not answer: .*refused/);
    const third = await anthropic(alone.url).messages.create({ model: "gone-too/m", max_tokens: 1, messages: HELLO }).catch((thrown) => thrown);
    assert.deepEqual([third.status, third.error.error.type], [502, "api_error"]);
    await alone.stop();
  });
});

test("no error can be delivered any more: the body is aborted, and each client notices", async () => {
  // An answer in one piece, too large to be held back, has begun when the limit fires.
  const model = "sim:tokens=30,bytes=700000,hang_after=29";
  const headers = { "X-Request-Timeout": "0.4" };
  const first = await openai(gateway.url, { defaultHeaders: headers }).chat.completions.create({ model, messages: HELLO }).catch((thrown) => thrown);
  const second = await generateText({ model: vercel(gateway.url, { headers })(model), prompt: "hi", maxRetries: 0 }).catch((thrown) => thrown);
  const third = await anthropic(gateway.url, { defaultHeaders: headers }).messages.create({ model, max_tokens: 99, messages: HELLO }).catch((thrown) => thrown);
  for (const error of [first, second, third]) assert.ok(error instanceof Error, JSON.stringify(error)?.slice(0, 200));
});
