// Each limit as the Vercel AI SDK sees it.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { embed, generateText, streamText } from "ai";

import { ONE_EACH, drainVercel, tokens, vercel } from "./support/clients.mjs";
import { LATE_MS_MAX, LIMIT_SECONDS, MESSAGES, startLimited } from "./support/limited.mjs";
import { timed } from "./support/until.mjs";

let limited;
let gate;
before(async () => {
  limited = await startLimited();
  gate = vercel(limited.gateway.url, { headers: ONE_EACH });
});
after(() => limited.stop());

const generate = (model, more = {}) => generateText({ model: gate(model), prompt: "hi", maxRetries: 0, ...more });
const stream = (model) => streamText({ model: gate(model), prompt: "hi", maxRetries: 0, onError: () => {} });

function assertTime(ms) {
  assert.ok(ms >= LIMIT_SECONDS * 1000, `early: ${ms} ms`);
  assert.ok(ms < LIMIT_SECONDS * 1000 + LATE_MS_MAX, `late: ${ms} ms`);
}

describe("before the head", { concurrency: true }, () => {
  for (const [phase, model] of [["total", "total/sim:never"], ["attempt", "attempt/sim:never"], ["connect", "connect/m"]]) {
    test(`${phase}, generateText`, async () => {
      const { error, ms } = await timed(() => generate(model));
      assert.deepEqual([error?.statusCode, error?.message], [504, MESSAGES[phase]]);
      assertTime(ms);
    });
  }
  for (const phase of ["total", "first_token"]) {
    test(`${phase}, streamText`, async () => {
      const { value: seen, ms } = await timed(() => drainVercel(stream(`${phase}/sim:never`)));
      assert.deepEqual([seen.text, seen.error?.statusCode, seen.error?.message], ["", 504, MESSAGES[phase]]);
      assertTime(ms);
    });
  }
  test("total, embed", async () => {
    const { error } = await timed(() => embed({ model: gate.embeddingModel("total/sim:never"), value: "a", maxRetries: 0 }));
    assert.deepEqual([error?.statusCode, error?.message], [504, MESSAGES.total]);
  });
});

test("x-should-retry is not known to it: it asks again as often as it is told to", async () => {
  const { started } = await limited.simulator.stats();
  const { error } = await timed(() => generate("total/sim:never", { maxRetries: 1 }));
  assert.match(error.message, /Request timed out after 0\.4 seconds/);
  const now = await limited.simulator.statsWhen((stats) => stats.open === 0);
  assert.equal(now.started - started, 2);
});

describe("in a stream", { concurrency: true }, () => {
  for (const [phase, behaviour, count] of [
    ["total", "tokens=9,hang_after=3", 3],
    ["attempt", "tokens=9,hang_after=3", 3],
    ["idle", "tokens=9,hang_after=3,comment_every_ms=50", 3],
    ["first_token", "tokens=9,hang_after=0,comment_every_ms=50", 0],
  ]) {
    test(`${phase}: ${behaviour}`, async () => {
      const { value: seen, ms } = await timed(() => drainVercel(stream(`${phase}/sim:${behaviour}`)));
      assert.equal(seen.text, tokens(count));
      assert.match(JSON.stringify(seen.error) + String(seen.error?.message), new RegExp(MESSAGES[phase].replace(".", "\\.")));
      assert.notEqual(seen.finish, "stop");
      assertTime(ms);
      await limited.simulator.statsWhen((now) => now.open === 0);
    });
  }
});
