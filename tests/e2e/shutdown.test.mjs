// SIGTERM: nothing new, what runs goes on until its end or its limit, never cut in silence; then exit code 0.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { HELLO, drainOpenai, openai, tokens } from "./support/clients.mjs";
import { provider, startGateway, startSimulator } from "./support/gateway.mjs";
import { jsonRequest, openRaw, parseAnswer } from "./support/raw.mjs";
import { timed, until } from "./support/until.mjs";

let simulator;
before(async () => (simulator = await startSimulator()));
after(() => simulator.stop());

const startOne = (config = "", more = {}) => startGateway({ config: config + provider("far", `${simulator.url}/v1`), threads: 2, ...more });
const shuttingDown = (gateway) => until("it says that it shuts down", () => gateway.log(), (log) => log.includes("shutting down"));

async function refused(port) {
  const { error } = await timed(async () => (await openRaw(port)).destroy());
  return error?.code === "ECONNREFUSED";
}

test("idle: at once, with 0", async () => {
  const gateway = await startOne();
  // A kept connection is no reason to stay.
  assert.equal((await fetch(`${gateway.url}/ready`)).status, 200);
  const { value, ms } = await timed(() => gateway.stop());
  assert.deepEqual(value, { code: 0, signal: null });
  assert.ok(ms < 5000, `${ms} ms`);
});

describe("with a stream that runs", () => {
  test("it ends by itself; meanwhile nothing new", async () => {
    const gateway = await startOne();
    const ready = await openRaw(gateway.port);
    const stream = await openai(gateway.url).chat.completions.create({ model: "far/sim:tokens=12,itl_ms=100", messages: HELLO, stream: true });
    let text = "";
    let stopped;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta?.content ?? "";
      if (text !== tokens(2) || stopped) continue;
      // A kept connection whose next request has begun: the answer to Expect shows that the gateway knows of it.
      ready.write("GET /ready HTTP/1.1\r\nHost: gateway\r\n\r\n");
      await ready.read(/"ready"/);
      const body = JSON.stringify({ model: "far/sim:tokens=1", messages: HELLO });
      ready.write(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n" +
          `Expect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`,
      );
      await ready.read(/100 Continue/);
      stopped = gateway.stop();
      await shuttingDown(gateway);
      await until("new connections are refused", () => refused(gateway.port), Boolean);
      ready.write(body);
      const { text: answers } = await ready.ended;
      assert.match(answers, /100 Continue\r\n\r\nHTTP\/1\.1 503 [^]*Connection: close/);
    }
    assert.equal(text, tokens(12));
    assert.deepEqual(await stopped, { code: 0, signal: null });
    assert.deepEqual(gateway.records().map((record) => record.outcome), ["refused", "success"]);
  });

  test("the limit of the shutdown: an error event, the text so far, the upstream let go", async () => {
    const gateway = await startOne("[server]\nshutdown_seconds = 0.3\n");
    const { aborted } = await simulator.stats();
    let stopped;
    const seen = await drainOpenai(async () => {
      const stream = await openai(gateway.url).chat.completions.create({ model: "far/sim:tokens=9,hang_after=3", messages: HELLO, stream: true });
      stopped = timed(() => gateway.stop());
      return stream;
    });
    assert.equal(seen.text, tokens(3));
    assert.match(seen.error?.message, /shutting down/);
    const { value, ms } = await stopped;
    assert.deepEqual(value, { code: 0, signal: null });
    assert.ok(ms >= 300, `early: ${ms} ms`);
    await simulator.statsWhen((now) => now.aborted === aborted + 1 && now.open === 0);
    const [record] = gateway.records();
    assert.deepEqual([record.outcome, record.ended_by, record.attempts[0].outcome], ["stopped", "gateway", "stopped"]);
  });

  test("its own deadline comes first", async () => {
    const gateway = await startOne();
    const raw = await openRaw(gateway.port);
    raw.write(jsonRequest("/v1/chat/completions", { model: "far/sim:tokens=9,hang_after=2", stream: true, messages: HELLO, timeout: 0.5 }));
    await raw.read("tok2");
    const stopped = gateway.stop();
    const { text } = await raw.ended;
    assert.match(text, /event: error\ndata: .*Request timed out after 0\.5 seconds/);
    assert.deepEqual(await stopped, { code: 0, signal: null });
    assert.equal(gateway.records()[0].outcome, "timeout");
  });

  test("a second signal ends it now", async () => {
    const gateway = await startOne();
    const raw = await openRaw(gateway.port);
    raw.write(jsonRequest("/v1/chat/completions", { model: "far/sim:tokens=9,hang_after=2", stream: true, messages: HELLO }));
    await raw.read("tok2");
    gateway.kill("SIGTERM");
    await shuttingDown(gateway);
    const stopped = gateway.stop("SIGINT");
    const { text } = await raw.ended;
    assert.match(text, /event: error\ndata: .*shutting down/);
    assert.deepEqual(await stopped, { code: 0, signal: null });
  });

  test("a request without an answer yet gets a 503 that says when to come again", async () => {
    const gateway = await startOne("[server]\nshutdown_seconds = 0.2\n");
    const raw = await openRaw(gateway.port);
    raw.write(jsonRequest("/v1/embeddings", { model: "far/sim:never", input: "a" }));
    await simulator.statsWhen((now) => now.open === 1);
    const stopped = gateway.stop();
    const answer = parseAnswer((await raw.ended).text);
    assert.deepEqual([answer.status, answer.headers["retry-after"], answer.headers.connection], [503, "1", "close"]);
    assert.deepEqual(await stopped, { code: 0, signal: null });
  });
});
