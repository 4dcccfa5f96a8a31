// The gateway in front of a real llama.cpp engine (tests/engine), whose every word is known.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { generateText, streamText } from "ai";

import { EMBEDDING_LENGTH, knownAnswer, knownText } from "../engine/known_answers.mjs";
import { startEngine } from "../engine/start.mjs";
import { HELLO, ONE_EACH, drainOpenai, drainVercel, openai, vercel } from "./support/clients.mjs";
import { provider, startGateway } from "./support/gateway.mjs";
import { timed } from "./support/until.mjs";

const TOKEN_DELAY_MS = 20;
const LIMIT_SECONDS = 0.5;

let engine;      // as fast as it is
let slow;        // waits between tokens
let gateway;
let client;
before(async () => {
  [engine, slow] = await Promise.all([startEngine(), startEngine({ tokenDelayMs: TOKEN_DELAY_MS })]);
  gateway = await startGateway({
    config:
      provider("engine", `${engine.url}/v1`) +
      provider("slow", `${slow.url}/v1`) +
      provider("idle", `${slow.url}/v1`, { more: "timeouts = { idle_seconds = 10, first_token_seconds = 10 }" }),
  });
  client = openai(gateway.url, { defaultHeaders: ONE_EACH });
});
after(() => Promise.all([gateway.stop(), engine.stop(), slow.stop()]));

const stream = (body, options = {}) => drainOpenai(() => client.chat.completions.create({ messages: HELLO, stream: true, ...body }, options));
const free = (one) => one.statsWhen((now) => now.busy === 0 && now.queued === 0);

describe("answers, word for word", () => {
  test("a stream", async () => {
    const known = knownAnswer();
    const seen = await stream({ model: "engine/chain", stream_options: { include_usage: true } });
    assert.deepEqual([seen.text, seen.finish, seen.error], [known.text, known.finishReason, undefined]);
    assert.equal(seen.chunks.at(-1).usage.completion_tokens, known.completionTokens);
  });

  test("in one piece", async () => {
    const known = knownAnswer({ maxTokens: 7 });
    const answer = await client.chat.completions.create({ model: "engine/chain", messages: HELLO, max_tokens: 7 });
    assert.deepEqual([answer.choices[0].message.content, answer.choices[0].finish_reason], [known.text, "length"]);
    const record = await gateway.recordWhen((one) => one.completion_tokens === 7 && !one.stream);
    assert.equal(record.prompt_tokens, answer.usage.prompt_tokens);
  });

  test("a completion goes on where the prompt ends", async () => {
    const answer = await client.completions.create({ model: "engine/chain-endless", prompt: knownText(3), max_tokens: 4 });
    assert.equal(answer.choices[0].text, knownText(4, 3));
  });

  test("embeddings", async () => {
    const answer = await client.embeddings.create({ model: "engine/embed", input: ["one", "two"], encoding_format: "float" });
    assert.deepEqual(answer.data.map((one) => one.embedding.length), [EMBEDDING_LENGTH, EMBEDDING_LENGTH]);
  });

  test("the Vercel AI SDK, in both ways", async () => {
    const gate = vercel(gateway.url);
    const { text } = await generateText({ model: gate("engine/chain"), prompt: "hello", maxOutputTokens: 5, maxRetries: 0 });
    assert.equal(text, knownAnswer({ maxTokens: 5 }).text);
    const seen = await drainVercel(streamText({ model: gate("engine/chain"), prompt: "hello", maxRetries: 0 }));
    assert.deepEqual([seen.text, seen.finish], [knownAnswer().text, "stop"]);
  });

  test("two at the same time are served in order, and do not mix", async () => {
    const { finished } = await slow.stats();
    const ended = [];
    const run = async (name, maxTokens) => {
      const seen = await stream({ model: "slow/chain-endless", max_tokens: maxTokens });
      ended.push(name);
      return seen.text;
    };
    const first = run("first", 20);
    await slow.statsWhen((now) => now.busy === 1);
    const second = run("second", 3);
    await slow.statsWhen((now) => now.queued === 1 || now.finished > finished);
    assert.deepEqual(await Promise.all([first, second]), [knownText(20), knownText(3)]);
    assert.deepEqual(ended, ["first", "second"]);
  });
});

describe("a limit fires", () => {
  test("in the middle of a stream: the text so far is kept, the slot is free", async () => {
    const { aborted } = await slow.stats();
    const { value: seen, ms } = await timed(() => stream({ model: "slow/chain-endless", max_tokens: 1000, timeout: LIMIT_SECONDS }));
    assert.equal(seen.error?.message, `Request timed out after ${LIMIT_SECONDS} seconds`);
    const words = seen.text.length / knownText(1).length;
    assert.ok(words >= 1 && words <= (LIMIT_SECONDS * 1000) / TOKEN_DELAY_MS + 1, `${words} words`);
    assert.equal(seen.text, knownText(words));
    assert.ok(ms >= LIMIT_SECONDS * 1000, `early: ${ms} ms`);
    await slow.statsWhen((now) => now.aborted === aborted + 1 && now.busy === 0);
  });

  test("in the middle of an answer in one piece: 504, the slot is free for the next", async () => {
    const { aborted } = await slow.stats();
    const error = await client.chat.completions.create({ model: "slow/chain-endless", messages: HELLO, max_tokens: 1000, timeout: LIMIT_SECONDS }).catch((thrown) => thrown);
    assert.equal(error.status, 504, String(error));
    await slow.statsWhen((now) => now.aborted === aborted + 1 && now.busy === 0);
    assert.equal((await stream({ model: "slow/chain-endless", max_tokens: 2 })).text, knownText(2));
  });

  test("before the first token, as another request holds the slot", async () => {
    const blocker = await client.chat.completions.create({ model: "slow/chain-endless", messages: HELLO, max_tokens: 2000, stream: true });
    await slow.statsWhen((now) => now.busy === 1);
    const seen = await stream({ model: "slow/chain-endless", max_tokens: 2 }, { headers: { "X-Request-Timeout": "0.4" } });
    assert.equal(seen.text, "");
    assert.match(seen.error?.message, /Request timed out after 0\.4 seconds/);
    await slow.statsWhen((now) => now.queued === 0 && now.busy === 1);
    blocker.controller.abort();
    await free(slow);
  });

  test("before the first token, in a long prefill", async () => {
    const { aborted } = await engine.stats();
    const content = "x".repeat(6000);
    const error = await client.chat.completions
      .create({ model: "engine/chain-slow", messages: [{ role: "user", content }], timeout: LIMIT_SECONDS })
      .catch((thrown) => thrown);
    assert.equal(error.message, `504 Request timed out after ${LIMIT_SECONDS} seconds`);
    await engine.statsWhen((now) => now.aborted === aborted + 1 && now.busy === 0);
  });
});

describe("the client hangs up", () => {
  for (const isStream of [true, false]) {
    test(`stream ${isStream}: the engine is free at once`, async () => {
      const { aborted } = await slow.stats();
      const controller = new AbortController();
      const asked = drainOpenai(() => client.chat.completions.create({ model: "slow/chain-endless", messages: HELLO, max_tokens: 2000, stream: isStream }, { signal: controller.signal }));
      await slow.statsWhen((now) => now.busy === 1);
      controller.abort();
      await asked;
      const stats = await slow.statsWhen((now) => now.aborted === aborted + 1 && now.busy === 0);
      assert.ok(stats.last_cancel_to_free_ms < 500, `${stats.last_cancel_to_free_ms} ms`);
      const record = await gateway.recordWhen((one) => one.outcome === "cancelled" && one.stream === isStream);
      assert.equal(record.ended_by, "client");
    });
  }

  test("in the engine's queue: its turn never comes", async () => {
    const before = await slow.stats();
    const blocker = await client.chat.completions.create({ model: "slow/chain-endless", messages: HELLO, max_tokens: 2000, stream: true });
    await slow.statsWhen((now) => now.busy === 1);
    const controller = new AbortController();
    const waiting = drainOpenai(() => client.chat.completions.create({ model: "slow/chain-endless", messages: HELLO, stream: true }, { signal: controller.signal }));
    await slow.statsWhen((now) => now.queued === 1);
    controller.abort();
    await waiting;
    await slow.statsWhen((now) => now.aborted_in_queue === before.aborted_in_queue + 1 && now.busy === 1);
    blocker.controller.abort();
    await free(slow);
  });
});
