// The openai package's Responses against providers without them: of Chat Completions, and of Anthropic Messages.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { openai, tokens } from "./support/clients.mjs";
import { provider, startGateway, startSimulator } from "./support/gateway.mjs";
import { CALLS, REASONING, SPOKEN, USAGE, startVendors } from "./support/vendors.mjs";

let simulator;
let vendors;
let gateway;
let client;
before(async () => {
  [simulator, vendors] = await Promise.all([startSimulator(), startVendors()]);
  gateway = await startGateway({
    config: ["openai", "anthropic"].map((kind) => provider(kind, `${simulator.url}/v1`, { kind }) + provider(`vendor-${kind}`, `${vendors.url}/v1`, { kind })).join(""),
  });
  client = openai(gateway.url);
});
after(async () => {
  vendors.stop();
  await gateway.stop();
  await simulator.stop();
});

const tools = [{ type: "function", name: "weather", description: "of a town", strict: false, parameters: { type: "object", properties: { town: { type: "string" } } } }];
const callsOf = (response) => response.output.filter((item) => item.type === "function_call").map((item) => ({ id: item.call_id, name: item.name, input: JSON.parse(item.arguments) }));
const reasoningOf = (response) => response.output.filter((item) => item.type === "reasoning").flatMap((item) => item.content.map((part) => part.text)).join("");

/** All events of a stream, which must be numbered from 0. */
async function drain(asked) {
  const events = [];
  for await (const event of await asked) events.push(event);
  assert.deepEqual(events.map((one) => one.sequence_number), events.map((_, index) => index));
  return events;
}

for (const kind of ["openai", "anthropic"]) {
  describe(`kind ${kind}`, () => {
    test("in one piece", async () => {
      const answer = await client.responses.create({ model: `${kind}/sim:tokens=5`, input: "hello", store: false });
      assert.deepEqual([answer.object, answer.status, answer.output_text, answer.error], ["response", "completed", tokens(5), null]);
      assert.deepEqual([answer.usage.output_tokens, answer.usage.total_tokens], [5, answer.usage.input_tokens + 5]);
    });

    test("as a stream", async () => {
      const events = await drain(client.responses.create({ model: `${kind}/sim:tokens=6,itl_ms=2,split`, input: "hello", stream: true }));
      const types = events.map((one) => one.type);
      assert.deepEqual(types.slice(0, 2), ["response.created", "response.in_progress"]);
      assert.equal(types.at(-1), "response.completed");
      assert.equal(events.filter((one) => one.type === "response.output_text.delta").map((one) => one.delta).join(""), tokens(6));
      assert.equal(events.at(-1).response.usage.output_tokens, 6);
    });

    test("with the helper that gathers a stream; the record counts", async () => {
      const running = client.responses.stream({ model: `${kind}/sim:tokens=8`, input: "hello" });
      const final = await running.finalResponse();
      assert.deepEqual([final.output_text, final.status], [tokens(8), "completed"]);
      const record = await gateway.recordWhen((one) => one.model === `${kind}/sim:tokens=8`);
      assert.deepEqual([record.completion_tokens, record.path, record.outcome], [8, "/v1/responses", "success"]);
    });

    test("cut by max_output_tokens: incomplete", async () => {
      const asked = { model: `${kind}/sim:tokens=50`, input: "hello", max_output_tokens: 17 };
      const answer = await client.responses.create(asked);
      assert.deepEqual([answer.status, answer.incomplete_details, answer.output_text], ["incomplete", { reason: "max_output_tokens" }, tokens(17)]);
      assert.equal((await drain(client.responses.create({ ...asked, stream: true }))).at(-1).type, "response.incomplete");
    });

    test("reasoning, text and tools, in one piece and as a stream", async () => {
      const asked = { model: `vendor-${kind}/m`, input: "hello", tools };
      for (const answer of [await client.responses.create(asked), await client.responses.stream(asked).finalResponse()]) {
        assert.deepEqual([answer.output_text, reasoningOf(answer)], [SPOKEN, REASONING]);
        assert.deepEqual(callsOf(answer), CALLS);
        assert.deepEqual([answer.usage.input_tokens, answer.usage.input_tokens_details.cached_tokens, answer.usage.output_tokens], [USAGE.input, USAGE.cached, USAGE.output]);
      }
    });

    test("arguments are streamed", async () => {
      const events = await drain(client.responses.create({ model: `vendor-${kind}/m`, input: "hello", tools, stream: true }));
      const done = events.filter((one) => one.type === "response.function_call_arguments.done");
      assert.deepEqual(done.map((one) => JSON.parse(one.arguments)), CALLS.map((call) => call.input));
      for (const { item_id, arguments: whole } of done)
        assert.equal(events.filter((one) => one.type === "response.function_call_arguments.delta" && one.item_id === item_id).map((one) => one.delta).join(""), whole);
    });

    test("a conversation with calls and images reaches the upstream in its own words", async () => {
      await client.responses.create({
        model: `vendor-${kind}/m`,
        instructions: "be kind",
        input: [
          { role: "user", content: [{ type: "input_text", text: "look" }, { type: "input_image", image_url: "data:image/png;base64,aGk=", detail: "auto" }] },
          { type: "function_call", call_id: "call_1", name: "weather", arguments: '{"town":"Bern"}' },
          { type: "function_call_output", call_id: "call_1", output: "rain" },
        ],
        tools, temperature: 0.5, max_output_tokens: 99,
      });
      const asked = vendors.asked();
      assert.deepEqual([vendors.last().target, asked.max_tokens, asked.temperature], [kind === "openai" ? "/v1/chat/completions" : "/v1/messages", 99, 0.5]);
      const roles = asked.messages.map((one) => one.role);
      if (kind === "openai") {
        assert.deepEqual(roles, ["system", "user", "assistant", "tool"]);
        assert.deepEqual([asked.messages[1].content[1].image_url.url, asked.messages[3].content], ["data:image/png;base64,aGk=", "rain"]);
      } else {
        assert.deepEqual(roles, ["user", "assistant", "user"]);
        assert.deepEqual(asked.messages[0].content[1].source, { type: "base64", media_type: "image/png", data: "aGk=" });
        assert.equal(asked.messages[2].content[0].tool_use_id, "call_1");
      }
    });
  });
}
