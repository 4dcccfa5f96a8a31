// The @anthropic-ai/sdk package (Messages) against a provider that speaks Chat Completions only.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { HELLO, anthropic, drainAnthropic, tokens } from "./support/clients.mjs";
import { provider, startGateway, startSimulator } from "./support/gateway.mjs";
import { CALLS, REASONING, SPOKEN, USAGE, startVendors } from "./support/vendors.mjs";

let simulator;
let vendors;
let gateway;
let client;
before(async () => {
  [simulator, vendors] = await Promise.all([startSimulator(), startVendors()]);
  gateway = await startGateway({
    config: provider("far", `${simulator.url}/v1`) + provider("vendor", `${vendors.url}/v1`, { more: 'api_key = "sk-provider"' }),
  });
  client = anthropic(gateway.url);
});
after(async () => {
  vendors.stop();
  await gateway.stop();
  await simulator.stop();
});

const body = (model, more = {}) => ({ model, max_tokens: 100, messages: HELLO, ...more });
const ask = (model, more = {}) => client.messages.create(body(model, more));
const stream = (model, more = {}) => drainAnthropic(() => ask(model, { stream: true, ...more }));
const toolsOf = (message) => message.content.filter((block) => block.type === "tool_use").map(({ id, name, input }) => ({ id, name, input }));
const tools = [{ name: "weather", description: "of a town", input_schema: { type: "object", properties: { town: { type: "string" } } } }];

/** The events of one message in the order that Anthropic documents. */
function assertWellFormed(events) {
  const types = events.map((one) => one.type);
  assert.equal(types[0], "message_start");
  assert.deepEqual(types.slice(-2), ["message_delta", "message_stop"]);
  let open = -1;
  let next = 0;
  for (const one of events) {
    if (one.type === "content_block_start") assert.deepEqual([open, one.index], [-1, next], "one block at a time");
    if (one.type === "content_block_start") open = next++;
    if (one.type === "content_block_delta") assert.equal(one.index, open);
    if (one.type === "content_block_stop") assert.equal(one.index, open);
    if (one.type === "content_block_stop") open = -1;
  }
  assert.equal(open, -1);
}

describe("text", () => {
  test("in one piece", async () => {
    const answer = await ask("far/sim:tokens=5");
    assert.deepEqual([answer.type, answer.role, answer.model], ["message", "assistant", "sim:tokens=5"]);
    assert.deepEqual([answer.content, answer.stop_reason, answer.stop_sequence], [[{ type: "text", text: tokens(5) }], "end_turn", null]);
    assert.equal(answer.usage.output_tokens, 5);
    assert.ok(answer.usage.input_tokens > 0);
  });

  for (const options of ["tokens=7,itl_ms=2", "tokens=7,itl_ms=2,split", "tokens=7,byte_ms=1"]) {
    test(`as a stream: ${options}`, async () => {
      const seen = await stream(`far/sim:${options}`);
      assert.deepEqual([seen.text, seen.stop, seen.error], [tokens(7), "end_turn", undefined]);
      assertWellFormed(seen.events);
      assert.equal(seen.events.at(-2).usage.output_tokens, 7);
    });
  }

  test("with the helper that gathers a stream; the record counts", async () => {
    const running = client.messages.stream(body("far/sim:tokens=6"));
    const final = await running.finalMessage();
    assert.deepEqual([final.content[0].text, final.stop_reason, final.usage.output_tokens], [tokens(6), "end_turn", 6]);
    const id = running.response.headers.get("x-request-id");
    const record = await gateway.recordWhen((one) => one.request_id === id);
    assert.deepEqual([record.completion_tokens, record.path, record.endpoint, record.outcome], [6, "/v1/messages", "chat", "success"]);
  });

  test("cut by max_tokens", async () => {
    const answer = await ask("far/sim:tokens=50", { max_tokens: 3 });
    assert.deepEqual([answer.content[0].text, answer.stop_reason], [tokens(3), "max_tokens"]);
    assert.equal((await stream("far/sim:tokens=50", { max_tokens: 3 })).stop, "max_tokens");
  });

  test("thinking of the upstream comes first, as a block", async () => {
    const final = await client.messages.stream(body("far/sim:tokens=3,reasoning=4", { thinking: { type: "enabled", budget_tokens: 1024 }, max_tokens: 2000 })).finalMessage();
    assert.deepEqual(final.content.map((block) => block.type), ["thinking", "text"]);
    assert.equal(final.content[0].thinking.split(" ").length, 4);
    const whole = await ask("far/sim:tokens=3,reasoning=4");
    assert.deepEqual([whole.content[0].type, whole.content[0].thinking, whole.content[1].text], ["thinking", final.content[0].thinking, tokens(3)]);
  });

  test("tools of the simulation", async () => {
    const final = await client.messages.stream(body("far/sim:tokens=2,tool_calls=2", { tools })).finalMessage();
    assert.deepEqual([final.content.map((block) => block.type), final.stop_reason], [["text", "tool_use", "tool_use"], "tool_use"]);
    assert.deepEqual(final.content.slice(1).map((block) => block.input), [{ n: 1 }, { n: 2 }]);
  });
});

describe("what OpenAI documents", () => {
  test("reasoning, text and tools in one piece", async () => {
    const answer = await ask("vendor/m", { tools });
    assert.deepEqual(answer.content.map((block) => block.type), ["thinking", "text", "tool_use", "tool_use"]);
    assert.deepEqual([answer.content[0].thinking, answer.content[1].text, answer.stop_reason], [REASONING, SPOKEN, "tool_use"]);
    assert.deepEqual(toolsOf(answer), CALLS);
    assert.deepEqual([answer.usage.input_tokens, answer.usage.cache_read_input_tokens, answer.usage.output_tokens], [USAGE.input - USAGE.cached, USAGE.cached, USAGE.output]);
  });

  test("the same as a stream, with the helper's events", async () => {
    const seen = { text: "", thinking: "", json: 0 };
    const running = client.messages.stream(body("vendor/m", { tools }));
    running.on("text", (delta) => (seen.text += delta));
    running.on("thinking", (delta) => (seen.thinking += delta));
    running.on("inputJson", () => ++seen.json);
    const final = await running.finalMessage();
    assert.deepEqual([seen.text, seen.thinking], [SPOKEN, REASONING]);
    assert.ok(seen.json > 6, "arguments come in pieces");
    assert.deepEqual([toolsOf(final), final.stop_reason], [CALLS, "tool_use"]);
    assert.deepEqual([final.usage.input_tokens, final.usage.cache_read_input_tokens, final.usage.output_tokens], [USAGE.input - USAGE.cached, USAGE.cached, USAGE.output]);
  });

  test("its events in order", async () => assertWellFormed((await stream("vendor/m", { tools })).events));

  test("what the upstream is sent", async () => {
    await ask("vendor/m", {
      system: [{ type: "text", text: "be kind" }, { type: "text", text: "be brief", cache_control: { type: "ephemeral" } }],
      messages: [
        { role: "user", content: [{ type: "text", text: "look" }, { type: "image", source: { type: "base64", media_type: "image/png", data: "aGk=" } }, { type: "image", source: { type: "url", url: "https://example.org/a.png" } }] },
        { role: "assistant", content: [{ type: "thinking", thinking: "hm", signature: "s" }, { type: "text", text: "wait" }, { type: "tool_use", id: "toolu_1", name: "weather", input: { town: "Bern" } }] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: [{ type: "text", text: "rain" }], is_error: true }, { type: "text", text: "and now?" }] },
      ],
      tools, tool_choice: { type: "tool", name: "weather", disable_parallel_tool_use: true }, stop_sequences: ["END"], temperature: 0.5, top_p: 0.9, max_tokens: 77,
    });
    const sent = vendors.last();
    assert.deepEqual([sent.target, sent.headers.authorization, sent.headers["x-api-key"], sent.headers["anthropic-version"]], ["/v1/chat/completions", "Bearer sk-provider", undefined, undefined]);
    const asked = vendors.asked();
    assert.deepEqual(asked.messages, [
      { role: "system", content: "be kind\n\nbe brief" },
      { role: "user", content: [{ type: "text", text: "look" }, { type: "image_url", image_url: { url: "data:image/png;base64,aGk=" } }, { type: "image_url", image_url: { url: "https://example.org/a.png" } }] },
      { role: "assistant", content: "wait", tool_calls: [{ id: "toolu_1", type: "function", function: { name: "weather", arguments: '{"town":"Bern"}' } }] },
      { role: "tool", tool_call_id: "toolu_1", content: "Error: rain" },
      { role: "user", content: "and now?" },
    ]);
    assert.deepEqual([asked.model, asked.max_tokens, asked.stop, asked.temperature, asked.top_p], ["m", 77, ["END"], 0.5, 0.9]);
    assert.deepEqual([asked.tool_choice, asked.parallel_tool_calls], [{ type: "function", function: { name: "weather" } }, false]);
    assert.deepEqual(asked.tools, [{ type: "function", function: { name: "weather", description: "of a town", parameters: tools[0].input_schema } }]);
  });

  test("a stream asks for its usage; thinking is reasoning_effort", async () => {
    await stream("vendor/m", { thinking: { type: "enabled", budget_tokens: 5000 }, max_tokens: 9000 });
    const asked = vendors.asked();
    assert.deepEqual([asked.stream, asked.stream_options, asked.reasoning_effort, asked.thinking], [true, { include_usage: true }, "medium", undefined]);
  });
});
