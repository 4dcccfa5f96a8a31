// The @anthropic-ai/sdk package against /v1/messages.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { HELLO, anthropic, drainAnthropic, tokens } from "./support/clients.mjs";
import { provider, startGateway, startSimulator } from "./support/gateway.mjs";
import { startScripted, wholeAnswer } from "./support/scripted.mjs";

let simulator;
let scripted;
let gateway;
before(async () => {
  simulator = await startSimulator();
  const message = { id: "msg_1", type: "message", role: "assistant", model: "m", content: [{ type: "text", text: "hi" }], stop_reason: "end_turn", stop_sequence: null, usage: { input_tokens: 1, output_tokens: 1 } };
  scripted = await startScripted((line) => line.send(wholeAnswer(200, message)));
  gateway = await startGateway({
    config:
      provider("far", `${simulator.url}/v1`, { kind: "anthropic" }) +
      provider("own", `${scripted.url}/v1`, { kind: "anthropic", more: 'api_key = "sk-ant-provider"' }),
  });
});
after(async () => {
  scripted.stop();
  await gateway.stop();
  await simulator.stop();
});

for (const prefix of ["", "far/"]) {
  describe(`messages ${prefix}`, () => {
    const ask = (options, more = {}) => ({ model: `${prefix}sim:${options}`, max_tokens: 100, messages: HELLO, ...more });
    let client;
    before(() => (client = anthropic(gateway.url)));

    test("in one piece", async () => {
      const answer = await client.messages.create(ask("tokens=5"));
      assert.deepEqual([answer.content[0].text, answer.stop_reason, answer.usage.output_tokens], [tokens(5), "end_turn", 5]);
    });

    test("as a stream", async () => {
      const seen = await drainAnthropic(() => client.messages.create(ask("tokens=7,itl_ms=2,split", { stream: true })));
      assert.deepEqual([seen.text, seen.stop, seen.error], [tokens(7), "end_turn", undefined]);
    });

    test("with the helper that gathers a stream, and tools", async () => {
      const tools = [{ name: "tool1", input_schema: { type: "object", properties: { n: { type: "number" } } } }];
      const message = await client.messages.stream(ask("tokens=2,tool_calls=1", { tools })).finalMessage();
      assert.equal(message.content[0].text, tokens(2));
      assert.deepEqual([message.content[1].name, message.content[1].input], ["tool1", { n: 1 }]);
    });

    test("tokens are counted in the record", async () => {
      const { data, response } = await client.messages.create(ask("tokens=6", { stream: true })).withResponse();
      await drainAnthropic(async () => data);
      const id = response.headers.get("x-request-id");
      const record = await gateway.recordWhen((one) => one.request_id === id);
      assert.deepEqual([record.completion_tokens, record.path, record.endpoint], [6, "/v1/messages", "chat"]);
    });
  });
}

test("the provider's key goes as x-api-key, the client's nowhere, its version header untouched", async () => {
  const answer = await anthropic(gateway.url).messages.create({ model: "own/m", max_tokens: 10, messages: HELLO, system: "be kind" });
  assert.equal(answer.content[0].text, "hi");
  const sent = scripted.requests.at(-1);
  assert.equal(sent.target, "/v1/messages");
  assert.equal(sent.headers["x-api-key"], "sk-ant-provider");
  assert.equal(sent.headers.authorization, undefined);
  assert.match(sent.headers["anthropic-version"], /^\d{4}-\d\d-\d\d$/);
  assert.deepEqual(JSON.parse(sent.body), { model: "m", max_tokens: 10, messages: HELLO, system: "be kind" });
});

test("an unknown model in Anthropic's form", async () => {
  const alone = await startGateway();
  const error = await anthropic(alone.url)
    .messages.create({ model: "claude-none", max_tokens: 1, messages: HELLO })
    .catch((thrown) => thrown);
  assert.deepEqual([error.status, error.error.type, error.error.error.type], [404, "error", "not_found_error"]);
  await alone.stop();
});
