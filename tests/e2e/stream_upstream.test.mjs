// Rules with stream_upstream: the client asks for one document, the upstream streams, and nobody can tell.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { HELLO, anthropic, openai, tokens } from "./support/clients.mjs";
import { provider, startGateway, startSimulator } from "./support/gateway.mjs";
import { send } from "./support/management.mjs";
import { CALLS, REASONING, SPOKEN, startVendors } from "./support/vendors.mjs";
import { timed } from "./support/until.mjs";

const LIMIT_SECONDS = 0.4;
const LATE_MS_MAX = 5000;
const CANCEL_MS_MAX = 250;

let simulator;
let vendors;
let gateway;
before(async () => {
  [simulator, vendors] = await Promise.all([startSimulator(), startVendors()]);
  const kinds = ["openai", "anthropic"];
  // "as-openai:X" and "whole-openai:X" are the simulation's model X; the simulation ignores what is before its colon.
  const rule = (pattern, providerName, model, more) =>
    `[[rules]]\npriority = 10\nmatch = "exact"\npattern = "${pattern}"\nstream_upstream = true\ntargets = [{ provider = "${providerName}", model = "${model}" }]\n${more}\n`;
  const models = {
    text: "sim:tokens=12,itl_ms=1,split", tools: "sim:tokens=3,tool_calls=2", reasoning: "sim:tokens=4,reasoning=5", cut: "sim:tokens=500", breaks: "sim:tokens=9,reset_after=4",
    closes: "sim:tokens=9,close_after=4", fails: "sim:tokens=9,error_after=4", refuses: "sim:status=429", hangs: "sim:tokens=9,hang_after=3", never: "sim:never",
    silent: "sim:tokens=9,hang_after=0",
  };
  gateway = await startGateway({
    config:
      "[breaker]\nfailures_in_a_row = 0\nerror_share = 0\n" +
      kinds.map((kind) => provider(kind, `${simulator.url}/v1`, { kind }) + provider(`vendor-${kind}`, `${vendors.url}/v1`, { kind })).join("") +
      kinds
        .map((kind) =>
          Object.entries(models).map(([name, model]) => rule(`${kind}-${name}`, kind, model, "")).join("") +
          rule(`${kind}-idle`, kind, models.hangs, `timeouts = { idle_seconds = ${LIMIT_SECONDS} }`) +
          rule(`${kind}-first`, kind, models.never, `timeouts = { first_token_seconds = ${LIMIT_SECONDS} }`) +
          rule(`${kind}-first-after-head`, kind, models.silent, `timeouts = { first_token_seconds = ${LIMIT_SECONDS} }`) +
          rule(`${kind}-slow`, kind, "sim:tokens=9,itl_ms=150", `timeouts = { idle_seconds = ${LIMIT_SECONDS}, first_token_seconds = ${LIMIT_SECONDS} }`) +
          rule(`${kind}-vendor`, `vendor-${kind}`, "m", ""),
        )
        .join(""),
  });
});
after(async () => {
  vendors?.stop();
  await gateway?.stop();
  await simulator?.stop();
});

const requestOf = {
  openai: (model, more) => ["/v1/chat/completions", { model, messages: HELLO, ...more }],
  anthropic: (model, more) => ["/v1/messages", { model, max_tokens: 100, messages: HELLO, ...more }],
};
const post = (kind, model, more = {}) => {
  const [target, body] = requestOf[kind](model, more);
  return send(gateway.url, "POST", target, { headers: { "Content-Type": "application/json" }, body });
};
// What differs from call to call, and what only one of the two ways tells; src/dialects/README.md has the list.
const comparable = ({ id, created, usage, ...document }) => {
  for (const choice of document.choices ?? []) delete choice.logprobs;
  for (const block of document.content ?? []) delete block.signature;
  return { ...document, hasUsage: usage !== undefined, output: usage.completion_tokens ?? usage.output_tokens };
};
const ask = {
  openai: (model, options) => openai(gateway.url).chat.completions.create({ model, messages: HELLO }, options),
  anthropic: (model, options) => anthropic(gateway.url).messages.create({ model, max_tokens: 100, messages: HELLO }, options),
};
const textOf = { openai: (answer) => answer.choices[0].message.content, anthropic: (answer) => answer.content[0].text };

for (const kind of ["openai", "anthropic"]) {
  const other = kind === "openai" ? "anthropic" : "openai";

  describe(`kind ${kind}: the document`, () => {
    for (const [name, model, more] of [["text", "sim:tokens=12,itl_ms=1,split"], ["tools", "sim:tokens=3,tool_calls=2"], ["reasoning", "sim:tokens=4,reasoning=5"], ["cut", "sim:tokens=500", { max_tokens: 5 }]]) {
      test(`is the upstream's own: ${name}`, async () => {
        const assembled = await post(kind, `${kind}-${name}`, more);
        const own = await post(kind, `${kind}/${model}`, more);
        assert.deepEqual([assembled.status, assembled.headers["content-type"].split(";")[0]], [200, "application/json"]);
        assert.equal(Number(assembled.headers["content-length"]), Buffer.byteLength(assembled.text));
        assert.deepEqual(comparable(assembled.body), comparable(own.body));
      });
    }

    test("is the vendor's own, blocks and calls in their order; what is asked differs in `stream` alone", async () => {
      const assembled = await post(kind, `${kind}-vendor`);
      const { stream, stream_options, ...rest } = vendors.asked();
      const streamed = vendors.last();
      const own = await post(kind, `vendor-${kind}/m`);
      assert.deepEqual([stream, stream_options, rest], [true, kind === "openai" ? { include_usage: true } : undefined, vendors.asked()]);
      assert.equal(streamed.target, vendors.last().target);
      assert.deepEqual(assembled.body, own.body);
    });

    test("translated for the other SDK", async () => {
      assert.equal(textOf[other](await ask[other](`${kind}-text`)), tokens(12));
      const response = await openai(gateway.url).responses.create({ model: `${kind}-text`, input: "hello" });
      assert.deepEqual([response.output_text, response.status], [tokens(12), "completed"]);
    });

    test("with reasoning and tools, as the vendor documents them", async () => {
      const chat = await ask.openai(`${kind}-vendor`);
      assert.equal(vendors.asked().stream, true);
      const message = await ask.anthropic(`${kind}-vendor`);
      assert.deepEqual([chat.choices[0].message.content, chat.choices[0].message.tool_calls.map((call) => JSON.parse(call.function.arguments))], [SPOKEN, CALLS.map((call) => call.input)]);
      const at = (type) => message.content.filter((block) => block.type === type);
      assert.deepEqual([at("text")[0].text, at("tool_use").map((block) => block.input)], [SPOKEN, CALLS.map((call) => call.input)]);
      if (kind === "anthropic") assert.equal(at("thinking")[0].thinking, REASONING);
    });

    test("the record: no stream to the client, its tokens, its first token", async () => {
      const answer = await post(kind, `${kind}-text`);
      const record = await gateway.recordWhen((one) => one.request_id === answer.headers["x-request-id"]);
      assert.deepEqual([record.stream, record.completion_tokens, record.outcome], [false, 12, "success"]);
      assert.ok(record.attempts[0].first_token_ms >= 0);
    });
  });

  for (const client of [kind, other]) {
    describe(`kind ${kind}, the ${client} package: what ends it`, { concurrency: true }, () => {
      for (const [rule, pattern] of [["idle", /no further token after 0\.4 seconds/], ["first", /no first token after 0\.4 seconds/], ["first-after-head", /no first token after 0\.4 seconds/]]) {
        test(`the limit of ${rule}`, async () => {
          const { error, ms } = await timed(() => ask[client](`${kind}-${rule}`));
          assert.equal(error?.status, 504, String(error));
          assert.match(error.message, pattern);
          assert.ok(ms >= LIMIT_SECONDS * 1000 && ms < LIMIT_SECONDS * 1000 + LATE_MS_MAX, `${ms} ms`);
        });
      }

      test("progress keeps it alive for longer than its limits", async () => {
        const { value, ms } = await timed(() => ask[client](`${kind}-slow`));
        assert.equal(textOf[client](value), tokens(9));
        assert.ok(ms > 2 * LIMIT_SECONDS * 1000);
      });

      for (const rule of ["breaks", "closes"]) {
        test(`an upstream that ${rule}: 502, no half of an answer`, async () => {
          const { error } = await timed(() => ask[client](`${kind}-${rule}`));
          assert.equal(error?.status, 502, String(error));
        });
      }

      test("an error event of the upstream: an error with its words", async () => {
        const { error } = await timed(() => ask[client](`${kind}-fails`));
        assert.ok(error?.status >= 500, String(error));
        assert.match(error.message, /The simulated model failed/);
      });

      test("a refusal of the upstream stays what it is", async () => {
        const { error } = await timed(() => ask[client](`${kind}-refuses`));
        assert.equal(error?.status, 429, String(error));
        assert.match(error.message, /simulated error/);
      });
    });
  }

  for (const rule of ["never", "hangs"]) {
    test(`kind ${kind}: a hang-up is seen at once (${rule})`, async () => {
      const before = await simulator.stats();
      const controller = new AbortController();
      const asked = ask[kind](`${kind}-${rule}`, { signal: controller.signal });
      const abort = async () => {
        await simulator.statsWhen((now) => now.started === before.started + 1);
        controller.abort();
      };
      await assert.rejects(Promise.all([asked, abort()]));
      await simulator.statsWhen((now) => now.open === 0 && now.aborted === before.aborted + 1);
      const record = await gateway.recordWhen((one) => one.model === `${kind}-${rule}`);
      assert.deepEqual([record.outcome, record.ended_by], ["cancelled", "client"]);
      assert.ok(record.cancel_ms < CANCEL_MS_MAX, `${record.cancel_ms} ms`);
    });
  }
}
