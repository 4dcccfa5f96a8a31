// The reverse proxy in front, whose clock restarts at each byte: heartbeats carry a silent stream past it.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { HELLO, anthropic, drainAnthropic, drainOpenai, openai, tokens } from "./support/clients.mjs";
import { provider, startGateway, startSimulator } from "./support/gateway.mjs";
import { NGINX, startNginx } from "./support/nginx.mjs";
import { timed } from "./support/until.mjs";

const READ_TIMEOUT_MS = 1000;
const SILENCE_MS = 3000;

describe("nginx in front", { skip: NGINX ? false : "there is no nginx" }, () => {
  let simulator;
  let beating;
  let silent;
  let front;
  let frontOfSilent;
  before(async () => {
    simulator = await startSimulator();
    const config = (heartbeat) => `[timeouts]\nheartbeat_seconds = ${heartbeat}\n` + provider("far", `${simulator.url}/v1`);
    [beating, silent] = await Promise.all([startGateway({ config: config(0.3) }), startGateway({ config: config(0) })]);
    [front, frontOfSilent] = await Promise.all([startNginx(beating.port), startNginx(silent.port)]);
  });
  after(() => Promise.all([front, frontOfSilent, beating, silent, simulator].map((one) => one.stop())));

  const stream = (url, model, options = {}) => drainOpenai(() => openai(url).chat.completions.create({ model, messages: HELLO, stream: true }, options));

  describe("silence", { concurrency: true }, () => {
    for (const [when, options] of [
      ["before the head", `headers_ms=${SILENCE_MS}`],
      ["before the first token", `ttft_ms=${SILENCE_MS}`],
      ["between tokens", `itl_ms=${SILENCE_MS}`],
    ]) {
      test(`${when}: a stream survives it thanks to heartbeats`, async () => {
        const { value: seen, ms } = await timed(() => stream(front.url, `sim:tokens=2,${options}`));
        assert.deepEqual([seen.text, seen.finish, seen.error], [tokens(2), "stop", undefined]);
        assert.ok(ms >= SILENCE_MS, `${ms} ms`);
      });
    }

    test("a stream of Anthropic's survives it too", async () => {
      const seen = await drainAnthropic(() => anthropic(front.url).messages.create({ model: `sim:tokens=2,headers_ms=${SILENCE_MS}`, max_tokens: 9, messages: HELLO, stream: true }));
      assert.deepEqual([seen.text, seen.stop, seen.error], [tokens(2), "end_turn", undefined]);
    });

    test("without heartbeats nginx cuts it before the head", async () => {
      const { value: seen, ms } = await timed(() => stream(frontOfSilent.url, `sim:tokens=2,headers_ms=${SILENCE_MS}`));
      assert.equal(seen.error?.status, 504);
      assert.match(seen.error.message, /nginx/);
      assert.ok(ms >= READ_TIMEOUT_MS * 0.9, `${ms} ms`);
    });

    test("without heartbeats nginx cuts it in the middle", async () => {
      const seen = await stream(frontOfSilent.url, `sim:tokens=2,itl_ms=${SILENCE_MS}`);
      assert.equal(seen.text, tokens(1).trim());
      assert.match(String(seen.error), /terminated/);
    });
  });

  describe("errors", () => {
    test("a problem document passes through with its headers", async () => {
      const response = await fetch(`${front.url}/v1/chat/completions`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-Request-Timeout": "0.4" },
        body: JSON.stringify({ model: "far/sim:never", messages: HELLO }),
      });
      assert.equal(response.status, 504);
      assert.equal(response.headers.get("content-type"), "application/problem+json");
      assert.equal(response.headers.get("x-should-retry"), "false");
      const document = await response.json();
      assert.deepEqual([document.limit, document.limit_seconds, document.error.message], ["total", 0.4, "Request timed out after 0.4 seconds"]);
    });

    test("an error event passes through, with the text so far", async () => {
      const seen = await stream(front.url, "far/sim:tokens=9,hang_after=3", { headers: { "X-Request-Timeout": "0.5" } });
      assert.deepEqual([seen.text, seen.error?.message], [tokens(3), "Request timed out after 0.5 seconds"]);
    });
  });

  describe("hang-up of the client", () => {
    for (const [when, options, isStream] of [
      ["in a stream", "tokens=9,hang_after=3", true],
      ["before the head of a stream", "never", true],
      ["before an answer in one piece", "never,tokens=1", false],
    ]) {
      test(`${when} reaches the upstream`, async () => {
        const { aborted } = await simulator.stats();
        const controller = new AbortController();
        const model = `far/sim:${options}`;
        const asked = openai(front.url).chat.completions.create({ model, messages: HELLO, stream: isStream }, { signal: controller.signal });
        const ended = assert.rejects(async () => {
          for await (const _ of await asked);
          throw new Error("the end of a stream that was aborted");
        });
        await simulator.statsWhen((now) => now.open === 1);
        controller.abort();
        await ended;
        await simulator.statsWhen((now) => now.open === 0 && now.aborted === aborted + 1);
        const record = await beating.recordWhen((one) => one.model === model && one.outcome === "cancelled");
        assert.equal(record.ended_by, "client");
      });
    }
  });

  test("large bodies in both directions", async () => {
    const content = "y".repeat(600_000);
    const answer = await openai(front.url).chat.completions.create({ model: "far/sim:echo", messages: [{ role: "user", content }] });
    assert.equal(JSON.parse(JSON.parse(answer.choices[0].message.content).body).messages[0].content, content);
  });
});
