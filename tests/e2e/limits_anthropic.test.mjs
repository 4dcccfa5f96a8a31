// Each limit as the @anthropic-ai/sdk package sees it.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { HELLO, ONE_EACH, anthropic, drainAnthropic, tokens } from "./support/clients.mjs";
import { LATE_MS_MAX, LIMIT_SECONDS, MESSAGES, startLimited, TIMEOUT_TYPE } from "./support/limited.mjs";
import { timed } from "./support/until.mjs";

let limited;
let client;
before(async () => {
  limited = await startLimited({ kind: "anthropic" });
  client = anthropic(limited.gateway.url, { defaultHeaders: ONE_EACH });
});
after(() => limited.stop());

const ask = (model, more = {}) => client.messages.create({ model, max_tokens: 100, messages: HELLO, ...more });

function assertTime(ms) {
  assert.ok(ms >= LIMIT_SECONDS * 1000, `early: ${ms} ms`);
  assert.ok(ms < LIMIT_SECONDS * 1000 + LATE_MS_MAX, `late: ${ms} ms`);
}

describe("before the head", { concurrency: true }, () => {
  for (const [phase, model, stream] of [
    ["total", "total/sim:never", false],
    ["total", "total/sim:never", true],
    ["attempt", "attempt/sim:never", false],
    ["first_token", "first_token/sim:never", true],
    ["connect", "connect/m", false],
  ]) {
    test(`${phase}, stream ${stream}`, async () => {
      const { error, ms } = await timed(() => ask(model, { stream }));
      assert.equal(error?.status, 504, String(error));
      const { type, message, problem } = error.error.error;
      assert.deepEqual([type, message, problem], ["timeout_error", MESSAGES[phase], TIMEOUT_TYPE]);
      assertTime(ms);
    });
  }
});

test("the total is spent: the client, left to its defaults, asks once", async () => {
  const { started } = await limited.simulator.stats();
  const patient = anthropic(limited.gateway.url, { maxRetries: 2 });
  await assert.rejects(patient.messages.create({ model: "total/sim:never", max_tokens: 1, messages: HELLO }), { status: 504 });
  const now = await limited.simulator.statsWhen((stats) => stats.open === 0);
  assert.equal(now.started - started, 1);
});

describe("in a stream", { concurrency: true }, () => {
  for (const [phase, behaviour, count] of [
    ["total", "tokens=9,hang_after=3", 3],
    ["attempt", "tokens=9,hang_after=3", 3],
    ["idle", "tokens=9,hang_after=3,comment_every_ms=50", 3],
    ["first_token", "tokens=9,hang_after=0", 0],
  ]) {
    test(`${phase}: ${behaviour}`, async () => {
      const { value: seen, ms } = await timed(() => drainAnthropic(() => ask(`${phase}/sim:${behaviour}`, { stream: true })));
      assert.equal(seen.text, tokens(count));
      assert.match(String(seen.error?.message), new RegExp(MESSAGES[phase].replace(".", "\\.")));
      assert.equal(seen.error.error.error.type, "timeout_error");
      assertTime(ms);
      await limited.simulator.statsWhen((now) => now.open === 0);
    });
  }

  test("the helper that gathers a stream keeps the text so far", async () => {
    const stream = client.messages.stream({ model: "idle/sim:tokens=9,hang_after=4", max_tokens: 100, messages: HELLO });
    let text = "";
    stream.on("text", (delta) => (text += delta));
    await assert.rejects(stream.finalMessage(), new RegExp("no further token"));
    assert.equal(text, tokens(4));
  });
});
