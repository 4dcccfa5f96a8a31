// The openai and ai packages (Chat Completions) against a provider that speaks Anthropic Messages.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { generateText, jsonSchema, streamText, tool } from "ai";

import { HELLO, drainOpenai, drainVercel, openai, tokens, vercel } from "./support/clients.mjs";
import { provider, startGateway, startSimulator } from "./support/gateway.mjs";
import { CALLS, JSON_ANSWER, REASONING, SPOKEN, USAGE, startVendors } from "./support/vendors.mjs";

let simulator;
let vendors;
let gateway;
let client;
before(async () => {
  [simulator, vendors] = await Promise.all([startSimulator(), startVendors()]);
  gateway = await startGateway({
    config:
      provider("far", `${simulator.url}/v1`, { kind: "anthropic" }) +
      provider("vendor", `${vendors.url}/v1`, { kind: "anthropic", more: 'api_key = "sk-ant-provider"' }),
  });
  client = openai(gateway.url);
});
after(async () => {
  vendors.stop();
  await gateway.stop();
  await simulator.stop();
});

const ask = (model, more = {}, options = {}) => client.chat.completions.create({ model, messages: HELLO, ...more }, options);
const stream = (model, more = {}) => drainOpenai(() => ask(model, { stream: true, ...more }));
const callOf = ({ id, name, input }) => ({ id, name, input });
const schema = { type: "object", properties: { town: { type: "string" }, inhabitants: { type: "integer" } }, required: ["town"], additionalProperties: false };
const tools = [{ type: "function", function: { name: "weather", description: "of a town", parameters: { type: "object", properties: { town: { type: "string" } } } } }];

describe("openai: text", () => {
  test("in one piece", async () => {
    const answer = await ask("far/sim:tokens=5");
    assert.deepEqual([answer.object, answer.model, answer.choices[0].message.role], ["chat.completion", "sim:tokens=5", "assistant"]);
    assert.deepEqual([answer.choices[0].message.content, answer.choices[0].finish_reason], [tokens(5), "stop"]);
    assert.deepEqual([answer.usage.completion_tokens, answer.usage.total_tokens], [5, answer.usage.prompt_tokens + 5]);
  });

  for (const options of ["tokens=7,itl_ms=2", "tokens=7,itl_ms=2,split", "tokens=7,byte_ms=1"]) {
    test(`as a stream: ${options}`, async () => {
      const seen = await stream(`far/sim:${options}`);
      assert.deepEqual([seen.text, seen.finish, seen.error], [tokens(7), "stop", undefined]);
      assert.ok(seen.chunks.every((one) => one.object === "chat.completion.chunk" && one.id === seen.chunks[0].id && one.created > 1_700_000_000));
      assert.equal(seen.chunks[0].choices[0].delta.role, "assistant");
      assert.ok(seen.chunks.every((one) => !one.usage), "usage was not asked for");
    });
  }

  test("usage at the end of a stream that asks for it, and in the record", async () => {
    const { data, response } = await ask("far/sim:tokens=6", { stream: true, stream_options: { include_usage: true } }).withResponse();
    const seen = await drainOpenai(async () => data);
    const last = seen.chunks.at(-1);
    assert.deepEqual(last.choices, []);
    assert.deepEqual([last.usage.completion_tokens, last.usage.total_tokens], [6, last.usage.prompt_tokens + 6]);
    const record = await gateway.recordWhen((one) => one.request_id === response.headers.get("x-request-id"));
    assert.deepEqual([record.completion_tokens, record.outcome, record.endpoint], [6, "success", "chat"]);
  });

  test("cut by max_tokens and by max_completion_tokens", async () => {
    for (const member of ["max_tokens", "max_completion_tokens"]) {
      const answer = await ask("far/sim:tokens=50", { [member]: 3 });
      assert.deepEqual([answer.choices[0].message.content, answer.choices[0].finish_reason], [tokens(3), "length"], member);
      assert.equal((await stream("far/sim:tokens=50", { [member]: 3 })).finish, "length", member);
    }
  });

  test("reasoning", async () => {
    const model = "far/sim:tokens=3,reasoning=4";
    const answer = await ask(model);
    assert.deepEqual([answer.choices[0].message.content, answer.choices[0].finish_reason], [tokens(3), "stop"]);
    assert.equal(answer.choices[0].message.reasoning_content.split(" ").length, 4);
    const seen = await stream(model);
    const reasoning = seen.chunks.map((one) => one.choices[0]?.delta.reasoning_content ?? "").join("");
    assert.deepEqual([seen.text, reasoning], [tokens(3), answer.choices[0].message.reasoning_content]);
  });
});

describe("openai: what Anthropic documents", () => {
  test("thinking, text and tools in one piece", async () => {
    const answer = await ask("vendor/m", { tools });
    const [{ message, finish_reason }] = answer.choices;
    assert.deepEqual([message.content, message.reasoning_content, finish_reason], [SPOKEN, REASONING, "tool_calls"]);
    assert.deepEqual(message.tool_calls.map((call) => ({ id: call.id, name: call.function.name, input: JSON.parse(call.function.arguments) })), CALLS.map(callOf));
    assert.deepEqual([answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.prompt_tokens_details.cached_tokens], [USAGE.input, USAGE.output, USAGE.cached]);
  });

  test("the helper gathers streamed arguments", async () => {
    const pieces = [];
    const running = client.chat.completions.stream({ model: "vendor/m", messages: HELLO, tools, stream_options: { include_usage: true } });
    running.on("tool_calls.function.arguments.delta", (one) => pieces.push(one.index));
    const done = await running.finalChatCompletion();
    const [{ message, finish_reason }] = done.choices;
    assert.deepEqual([message.content, finish_reason], [SPOKEN, "tool_calls"]);
    assert.deepEqual(message.tool_calls.map((call) => ({ id: call.id, name: call.function.name, input: JSON.parse(call.function.arguments) })), CALLS.map(callOf));
    assert.ok(pieces.filter((index) => index === 1).length > 3, "arguments come in pieces");
    assert.deepEqual([done.usage.prompt_tokens, done.usage.completion_tokens], [USAGE.input, USAGE.output]);
  });

  test("what the upstream is sent", async () => {
    await ask("vendor/m", {
      messages: [
        { role: "system", content: "be kind" },
        { role: "user", content: [{ type: "text", text: "look" }, { type: "image_url", image_url: { url: "data:image/png;base64,aGk=" } }] },
        { role: "assistant", content: null, tool_calls: [{ id: "call_1", type: "function", function: { name: "weather", arguments: '{"town":"Bern"}' } }] },
        { role: "tool", tool_call_id: "call_1", content: "rain" },
      ],
      tools, tool_choice: "required", parallel_tool_calls: false, stop: ["END", "STOP"], temperature: 0.5, top_p: 0.9, max_completion_tokens: 77, user: "u-1",
    });
    const sent = vendors.last();
    assert.deepEqual([sent.target, sent.headers["x-api-key"], sent.headers.authorization], ["/v1/messages", "sk-ant-provider", undefined]);
    assert.match(sent.headers["anthropic-version"], /^\d{4}-\d\d-\d\d$/);
    const asked = vendors.asked();
    assert.deepEqual(asked.messages, [
      { role: "user", content: [{ type: "text", text: "look" }, { type: "image", source: { type: "base64", media_type: "image/png", data: "aGk=" } }] },
      { role: "assistant", content: [{ type: "tool_use", id: "call_1", name: "weather", input: { town: "Bern" } }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "call_1", content: "rain" }] },
    ]);
    assert.deepEqual([asked.model, asked.max_tokens, asked.stop_sequences, asked.temperature, asked.top_p, asked.metadata], ["m", 77, ["END", "STOP"], 0.5, 0.9, { user_id: "u-1" }]);
    assert.deepEqual(asked.tool_choice, { type: "any", disable_parallel_tool_use: true });
    assert.deepEqual(asked.tools.map(({ name, description, input_schema }) => ({ name, description, input_schema })), [{ name: "weather", description: "of a town", input_schema: tools[0].function.parameters }]);
  });

  test("reasoning_effort asks for thinking", async () => {
    await ask("vendor/m", { reasoning_effort: "medium", max_completion_tokens: 20_000 });
    assert.deepEqual(vendors.asked().thinking, { type: "enabled", budget_tokens: 4096 });
  });

  for (const isStream of [false, true]) {
    test(`JSON output, stream ${isStream}`, async () => {
      const response_format = { type: "json_schema", json_schema: { name: "town", strict: true, schema } };
      const text = isStream ? (await stream("vendor/json", { response_format })).text : (await ask("vendor/json", { response_format })).choices[0].message.content;
      assert.deepEqual(JSON.parse(text), JSON_ANSWER);
      assert.deepEqual(vendors.asked().tools[0].input_schema, schema);
    });
  }

  test("JSON output through the helper that parses it", async () => {
    const response_format = { type: "json_schema", json_schema: { name: "town", strict: true, schema } };
    const answer = await client.chat.completions.parse({ model: "vendor/json", messages: HELLO, response_format });
    assert.equal(answer.choices[0].finish_reason, "stop");
    assert.equal(answer.choices[0].message.tool_calls?.length ?? 0, 0);
  });
});

describe("ai", () => {
  let gate;
  before(() => (gate = vercel(gateway.url)));

  test("generateText and streamText", async () => {
    const { text, usage } = await generateText({ model: gate("far/sim:tokens=4"), prompt: "hello", maxRetries: 0 });
    assert.deepEqual([text, usage.outputTokens], [tokens(4), 4]);
    const result = streamText({ model: gate("far/sim:tokens=9,itl_ms=2"), prompt: "hello", maxRetries: 0 });
    const seen = await drainVercel(result);
    assert.deepEqual([seen.text, seen.finish, seen.error], [tokens(9), "stop", undefined]);
    assert.equal((await result.usage).outputTokens, 9);
  });

  test("tools with streamed arguments, and reasoning", async () => {
    const weather = tool({ description: "of a town", inputSchema: jsonSchema({ type: "object", properties: { town: { type: "string" } } }) });
    const result = streamText({ model: gate("vendor/m"), prompt: "hello", tools: { weather }, maxRetries: 0 });
    const seen = await drainVercel(result);
    assert.deepEqual([seen.text, seen.finish, seen.error], [SPOKEN, "tool-calls", undefined]);
    assert.deepEqual((await result.toolCalls).map((call) => ({ id: call.toolCallId, name: call.toolName, input: call.input })), CALLS.map(callOf));
    assert.equal(await result.reasoningText, REASONING);
  });
});
