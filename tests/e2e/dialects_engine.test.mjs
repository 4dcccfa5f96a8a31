// Anthropic's and OpenAI's other clients in front of a real llama.cpp engine, which speaks Chat Completions only.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { knownAnswer, knownPromptTokens, knownText, word } from "../engine/known_answers.mjs";
import { startEngine } from "../engine/start.mjs";
import { HELLO, ONE_EACH, anthropic, drainAnthropic, openai } from "./support/clients.mjs";
import { provider, startGateway } from "./support/gateway.mjs";

const TOKEN_DELAY_MS = 20;
const LIMIT_SECONDS = 0.5;

let engine;      // as fast as it is
let slow;        // waits between tokens
let gateway;
let messages;
let responses;
before(async () => {
  [engine, slow] = await Promise.all([startEngine(), startEngine({ tokenDelayMs: TOKEN_DELAY_MS })]);
  gateway = await startGateway({ config: provider("engine", `${engine.url}/v1`) + provider("slow", `${slow.url}/v1`) });
  messages = anthropic(gateway.url, { defaultHeaders: ONE_EACH }).messages;
  responses = openai(gateway.url, { defaultHeaders: ONE_EACH }).responses;
});
after(() => Promise.all([gateway.stop(), engine.stop(), slow.stop()]));

const ask = (model, more = {}) => ({ model, max_tokens: 100, messages: HELLO, ...more });
const limited = { headers: { "X-Request-Timeout": String(LIMIT_SECONDS) } };

describe("Messages, word for word", () => {
  test("a stream", async () => {
    const known = knownAnswer();
    const seen = await drainAnthropic(() => messages.create(ask("engine/chain", { stream: true })));
    assert.deepEqual([seen.text, seen.stop, seen.error], [known.text, "end_turn", undefined]);
    assert.equal(seen.events.at(-2).usage.output_tokens, known.completionTokens);
  });

  test("the helper, with a system prompt that the engine counts", async () => {
    const final = await messages.stream(ask("engine/chain", { system: "be kind" })).finalMessage();
    const prompt = knownPromptTokens([{ role: "system", content: "be kind" }, ...HELLO]);
    assert.deepEqual([final.content, final.usage.input_tokens], [[{ type: "text", text: knownAnswer().text }], prompt]);
  });

  test("in one piece, cut by max_tokens", async () => {
    const answer = await messages.create(ask("engine/chain", { max_tokens: 7 }));
    assert.deepEqual([answer.content[0].text, answer.stop_reason, answer.usage.output_tokens], [knownText(7), "max_tokens", 7]);
  });

  for (const stream of [false, true]) {
    test(`a stop sequence, stream ${stream}`, async () => {
      const asked = ask("engine/chain-endless", { stop_sequences: [` ${word(6)}`, "never"], stream });
      const seen = stream ? await drainAnthropic(() => messages.create(asked)) : { text: (await messages.create(asked)).content[0].text };
      assert.deepEqual([seen.text, seen.error], [knownText(6), undefined]);
      if (stream) assert.equal(seen.stop, "end_turn", "which of the two, this engine does not tell");
    });
  }

  test("a conversation goes on where the assistant's words end", async () => {
    const answer = await messages.create(ask("engine/chain-endless", { max_tokens: 4, messages: [...HELLO, { role: "assistant", content: knownText(3).trim() }] }));
    assert.equal(answer.content[0].text, knownText(4, 3));
  });
});

describe("Responses, word for word", () => {
  test("a stream", async () => {
    const final = await responses.stream({ model: "engine/chain", input: "hello" }).finalResponse();
    assert.deepEqual([final.output_text, final.status, final.usage.output_tokens], [knownAnswer().text, "completed", knownAnswer().completionTokens]);
  });

  test("in one piece, cut by max_output_tokens", async () => {
    const answer = await responses.create({ model: "engine/chain", input: HELLO, instructions: "be kind", max_output_tokens: 17 });
    assert.deepEqual([answer.output_text, answer.status, answer.usage.output_tokens], [knownText(17), "incomplete", 17]);
    assert.equal(answer.usage.input_tokens, knownPromptTokens([{ role: "system", content: "be kind" }, ...HELLO]));
  });
});

describe("the slot is free", () => {
  test("when a limit fires in mid-stream: timeout_error, the text so far", async () => {
    const { aborted } = await slow.stats();
    const seen = await drainAnthropic(() => messages.create(ask("slow/chain-endless", { max_tokens: 1000, stream: true }), limited));
    assert.equal(seen.error?.error.error.type, "timeout_error");
    const count = seen.text.length / knownText(1).length;
    assert.ok(count >= 1 && count <= (LIMIT_SECONDS * 1000) / TOKEN_DELAY_MS + 1, `${count} words`);
    assert.equal(seen.text, knownText(count));
    await slow.statsWhen((now) => now.aborted === aborted + 1 && now.busy === 0);
  });

  test("when a limit fires in a response in one piece: 504", async () => {
    const { aborted } = await slow.stats();
    await assert.rejects(responses.create({ model: "slow/chain-endless", input: "hello", max_output_tokens: 1000 }, limited), { status: 504 });
    await slow.statsWhen((now) => now.aborted === aborted + 1 && now.busy === 0);
  });

  for (const stream of [false, true]) {
    test(`when the client hangs up, stream ${stream}`, async () => {
      const { aborted } = await slow.stats();
      const controller = new AbortController();
      const asked = drainAnthropic(() => messages.create(ask("slow/chain-endless", { max_tokens: 2000, stream }), { signal: controller.signal }));
      await slow.statsWhen((now) => now.busy === 1);
      controller.abort();
      await asked;
      const stats = await slow.statsWhen((now) => now.aborted === aborted + 1 && now.busy === 0);
      assert.ok(stats.last_cancel_to_free_ms < 500, `${stats.last_cancel_to_free_ms} ms`);
      const record = await gateway.recordWhen((one) => one.outcome === "cancelled" && one.stream === stream);
      assert.deepEqual([record.ended_by, record.path], ["client", "/v1/messages"]);
    });
  }
});
