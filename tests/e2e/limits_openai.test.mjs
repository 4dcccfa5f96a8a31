// Each limit as the openai package sees it.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { HELLO, ONE_EACH, drainOpenai, openai, tokens } from "./support/clients.mjs";
import { LATE_MS_MAX, LIMIT_SECONDS, MESSAGES, startLimited, TIMEOUT_TYPE } from "./support/limited.mjs";
import { timed } from "./support/until.mjs";

let limited;
let client;
before(async () => {
  limited = await startLimited();
  client = openai(limited.gateway.url, { defaultHeaders: ONE_EACH });
});
after(() => limited.stop());

const chat = (model, more = {}, options = {}) => client.chat.completions.create({ model, messages: HELLO, ...more }, options);

function assertTime(ms) {
  assert.ok(ms >= LIMIT_SECONDS * 1000, `early: ${ms} ms`);
  assert.ok(ms < LIMIT_SECONDS * 1000 + LATE_MS_MAX, `late: ${ms} ms`);
}

async function assertBeforeHead(phase, ask, source = `provider ${phase}: ${phase}_seconds`) {
  const { error, ms } = await timed(ask);
  assert.equal(error?.status, 504, String(error));
  assert.equal(error.message, `504 ${MESSAGES[phase]}`);
  assert.deepEqual([error.type, error.code, error.param], [TIMEOUT_TYPE, "timeout", null]);
  assertTime(ms);
  const id = error.headers.get("x-request-id");
  const record = await limited.gateway.recordWhen((one) => one.request_id === id);
  assert.deepEqual(
    [record.outcome, record.ended_by, record.limit, record.limit_seconds, record.limit_source, record.status],
    ["timeout", "gateway", phase, LIMIT_SECONDS, source, 504],
  );
  assert.ok(record.duration_ms >= LIMIT_SECONDS * 1000, `early: ${record.duration_ms}`);
}

describe("before the head", { concurrency: true }, () => {
  for (const phase of ["total", "attempt"]) {
    test(`${phase}, a chat in one piece`, () => assertBeforeHead(phase, () => chat(`${phase}/sim:never`)));
  }
  for (const phase of ["total", "attempt", "first_token"]) {
    test(`${phase}, a stream that never begins`, () => assertBeforeHead(phase, () => chat(`${phase}/sim:never`, { stream: true })));
  }
  for (const stream of [false, true]) {
    test(`connect, stream ${stream}`, () => assertBeforeHead("connect", () => chat("connect/m", { stream })));
  }
  test("total, an answer that begins and does not end", () => assertBeforeHead("total", () => chat("total/sim:tokens=9,hang_after=3")));
  test("total, completions", () => assertBeforeHead("total", () => client.completions.create({ model: "total/sim:never", prompt: "a" })));
  test("total, embeddings", () => assertBeforeHead("total", () => client.embeddings.create({ model: "total/sim:never", input: "a" })));
  test("total, an image", () => {
    const content = [{ type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } }];
    return assertBeforeHead("total", () => client.chat.completions.create({ model: "total/sim:never", messages: [{ role: "user", content }] }));
  });
});

describe("retries", () => {
  const startedBy = async (work) => {
    const before = await limited.simulator.stats();
    await work();
    const now = await limited.simulator.statsWhen((stats) => stats.open === 0);
    return now.started - before.started;
  };

  test("the total is spent: the client, left to its defaults, asks once", async () => {
    const patient = openai(limited.gateway.url, { maxRetries: 2 });
    const started = await startedBy(() => assert.rejects(patient.chat.completions.create({ model: "total/sim:never", messages: HELLO }), { status: 504 }));
    assert.equal(started, 1);
  });

  test("an inner limit leaves budget: the client may ask again", async () => {
    const patient = openai(limited.gateway.url, { maxRetries: 1 });
    const started = await startedBy(() => assert.rejects(patient.chat.completions.create({ model: "attempt/sim:never", messages: HELLO }), { status: 504 }));
    assert.equal(started, 2);
  });
});

describe("in a stream", { concurrency: true }, () => {
  const cases = [
    ["total", "tokens=9,hang_after=3", 3],
    ["attempt", "tokens=9,hang_after=3", 3],
    ["idle", "tokens=9,hang_after=3", 3],
    ["idle", "tokens=9,hang_after=3,comment_every_ms=50", 3],
    ["first_token", "tokens=9,hang_after=0,comment_every_ms=50", 0],
    ["first_token", "tokens=9,hang_after=0,empty_deltas_every_ms=50", 0],
    ["total", "tokens=9,hang_after=2,progress_every_ms=50", 2],
  ];
  for (const [phase, behaviour, count] of cases) {
    test(`${phase}: ${behaviour}`, async () => {
      const { value: seen, ms } = await timed(() => drainOpenai(() => chat(`${phase}/sim:${behaviour}`, { stream: true })));
      assert.equal(seen.text, tokens(count));
      assert.equal(seen.error?.message, MESSAGES[phase]);
      assert.deepEqual([seen.error.type, seen.error.code], [TIMEOUT_TYPE, "timeout"]);
      assertTime(ms);
      await limited.simulator.statsWhen((now) => now.open === 0);
    });
  }

  test("completions", async () => {
    const seen = await drainOpenai(() => client.completions.create({ model: "idle/sim:tokens=9,hang_after=3", prompt: "a", stream: true }));
    assert.deepEqual([seen.text, seen.error?.message], [tokens(3), MESSAGES.idle]);
  });

  test("the helper that gathers a stream keeps the text so far", async () => {
    const runner = client.chat.completions.stream({ model: "idle/sim:tokens=9,hang_after=4", messages: HELLO });
    await assert.rejects(runner.finalChatCompletion(), { message: MESSAGES.idle });
    assert.equal(runner.currentChatCompletionSnapshot.choices[0].message.content, tokens(4));
  });

  test("declared progress feeds idle; a slow stream within its limits is left alone", async () => {
    const model = `idle/sim:tokens=8,ttft_ms=700,itl_ms=${LIMIT_SECONDS * 250}`;
    const seen = await drainOpenai(() => chat(model, { stream: true }));
    assert.deepEqual([seen.text, seen.error], [tokens(8), undefined]);
  });
});
