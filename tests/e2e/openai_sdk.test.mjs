// The openai package against the running gateway: with the built-in simulation, and with one behind HTTP.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { HELLO, drainOpenai, openai, tokens } from "./support/clients.mjs";
import { provider, startGateway, startSimulator } from "./support/gateway.mjs";

let simulator;
let gateway;
before(async () => {
  simulator = await startSimulator();
  gateway = await startGateway({ config: provider("far", `${simulator.url}/v1`, { more: 'api_key = "sk-far"' }) });
});
after(async () => {
  await gateway.stop();
  await simulator.stop();
});

for (const [where, prefix] of [["built in", ""], ["over HTTP", "far/"]]) {
  const named = (options) => `${prefix}sim:${options}`;

  describe(`openai, the simulation ${where}`, () => {
    let client;
    before(() => (client = openai(gateway.url)));

    test("a chat in one piece", async () => {
      const answer = await client.chat.completions.create({ model: named("tokens=5"), messages: HELLO });
      assert.equal(answer.choices[0].message.content, tokens(5));
      assert.equal(answer.choices[0].finish_reason, "stop");
      assert.equal(answer.usage.completion_tokens, 5);
    });

    test("a chat as a stream", async () => {
      const seen = await drainOpenai(() => client.chat.completions.create({ model: named("tokens=7,itl_ms=2"), messages: HELLO, stream: true }));
      assert.deepEqual([seen.text, seen.finish, seen.error], [tokens(7), "stop", undefined]);
      assert.ok(seen.chunks.every((chunk) => !chunk.usage));
    });

    test("include_usage adds the usage at the end, and the record has it", async () => {
      const body = { model: named("tokens=9"), messages: HELLO, stream: true, stream_options: { include_usage: true } };
      const { data, response } = await client.chat.completions.create(body).withResponse();
      const seen = await drainOpenai(async () => data);
      assert.equal(seen.chunks.at(-1).usage.completion_tokens, 9);
      const id = response.headers.get("x-request-id");
      const record = await gateway.recordWhen((one) => one.request_id === id);
      assert.deepEqual([record.completion_tokens, record.outcome, record.stream], [9, "success", true]);
    });

    test("bytes cut anywhere, comments and reasoning between", async () => {
      const model = named("tokens=6,reasoning=4,split,itl_ms=30,comment_every_ms=10");
      const seen = await drainOpenai(() => client.chat.completions.create({ model, messages: HELLO, stream: true }));
      assert.deepEqual([seen.text, seen.error], [tokens(6), undefined]);
    });

    test("tool calls, in one piece and as a stream", async () => {
      const tools = [{ type: "function", function: { name: "tool1", parameters: { type: "object", properties: { n: { type: "number" } } } } }];
      const body = { model: named("tokens=1,tool_calls=2"), messages: HELLO, tools };
      const whole = await client.chat.completions.create(body);
      assert.equal(whole.choices[0].finish_reason, "tool_calls");
      assert.equal(whole.choices[0].message.tool_calls.length, 2);
      const streamed = await client.chat.completions.stream(body).finalChatCompletion();
      const calls = streamed.choices[0].message.tool_calls.map((call) => [call.function.name, JSON.parse(call.function.arguments)]);
      assert.deepEqual(calls[0], ["tool1", { n: 1 }]);
      assert.equal(calls.length, 2);
    });

    test("completions, in one piece and as a stream", async () => {
      const whole = await client.completions.create({ model: named("tokens=4"), prompt: ["a", "b"] });
      assert.equal(whole.choices[0].text, tokens(4));
      const seen = await drainOpenai(() => client.completions.create({ model: named("tokens=4"), prompt: "a", stream: true }));
      assert.deepEqual([seen.text, seen.error], [tokens(4), undefined]);
    });

    test("embeddings", async () => {
      const answer = await client.embeddings.create({ model: named("tokens=1"), input: ["one", "two"], encoding_format: "float" });
      assert.equal(answer.data.length, 2);
      assert.ok(answer.data.every((one) => one.embedding.length > 0 && one.embedding.every(Number.isFinite)));
    });

    test("an error status of the upstream with its words", async () => {
      const failing = client.chat.completions.create({ model: named("status=422"), messages: HELLO });
      const error = await failing.catch((thrown) => thrown);
      assert.equal(error.status, 422);
      assert.ok(error.error.message.length > 0);
    });
  });
}

test("models", async () => {
  const client = openai(gateway.url);
  const ids = [];
  for await (const model of client.models.list()) ids.push(model.id);
  assert.ok(ids.includes("sim-fast"), ids.join());
  assert.equal((await client.models.retrieve("sim-fast")).id, "sim-fast");
  assert.equal((await client.models.retrieve("far/sim:tokens=3")).owned_by, "far");
});

test("requests on one connection and at the same time do not mix", async () => {
  const client = openai(gateway.url);
  const asked = Array.from({ length: 24 }, (_, index) => index + 1);
  const texts = await Promise.all(
    asked.map(async (count) => (await drainOpenai(() => client.chat.completions.create({ model: `far/sim:tokens=${count},itl_ms=1`, messages: HELLO, stream: true }))).text),
  );
  assert.deepEqual(texts, asked.map(tokens));
});

test("an unknown model is a 404 that says what there is", async () => {
  // A gateway without the one other provider that would take any name.
  const alone = await startGateway();
  const error = await openai(alone.url)
    .chat.completions.create({ model: "gpt-none", messages: HELLO })
    .catch((thrown) => thrown);
  assert.equal(error.status, 404);
  assert.match(error.message, /gpt-none/);
  assert.match(error.message, /sim/);
  await alone.stop();
});
