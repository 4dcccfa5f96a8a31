// The Vercel AI SDK (ai with @ai-sdk/openai-compatible) against the running gateway.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { embedMany, generateObject, generateText, jsonSchema, streamText, tool } from "ai";

import { drainVercel, tokens, vercel } from "./support/clients.mjs";
import { provider, startGateway, startSimulator } from "./support/gateway.mjs";
import { chunk, chunkedHead, LAST_CHUNK, startScripted, wholeAnswer } from "./support/scripted.mjs";

let simulator;
let scripted;
let gateway;
let gate;
before(async () => {
  simulator = await startSimulator();
  const document = { id: "1", object: "chat.completion", created: 1, model: "m", choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: '{"n":4}' } }] };
  scripted = await startScripted((line, request) => {
    if (!request.body.includes('"stream":true')) return line.send(wholeAnswer(200, document));
    const delta = { choices: [{ index: 0, delta: { content: "x" }, finish_reason: "stop" }] };
    line.send(chunkedHead("text/event-stream") + chunk(`data: ${JSON.stringify(delta)}\n\ndata: [DONE]\n\n`) + LAST_CHUNK);
  });
  gateway = await startGateway({ config: provider("far", `${simulator.url}/v1`) + provider("own", `${scripted.url}/v1`) });
  gate = vercel(gateway.url);
});
after(async () => {
  scripted.stop();
  await gateway.stop();
  await simulator.stop();
});

for (const prefix of ["", "far/"]) {
  test(`generateText ${prefix}`, async () => {
    const { text, usage, finishReason } = await generateText({ model: gate(`${prefix}sim:tokens=5`), prompt: "hi", maxRetries: 0 });
    assert.deepEqual([text, usage.outputTokens, finishReason], [tokens(5), 5, "stop"]);
  });

  test(`streamText ${prefix}`, async () => {
    const seen = await drainVercel(streamText({ model: gate(`${prefix}sim:tokens=8,itl_ms=2,split`), prompt: "hi", maxRetries: 0 }));
    assert.deepEqual([seen.text, seen.finish, seen.error], [tokens(8), "stop", undefined]);
  });

  test(`reasoning and tools ${prefix}`, async () => {
    const tool1 = tool({ inputSchema: jsonSchema({ type: "object", properties: { n: { type: "number" } } }) });
    const result = streamText({ model: gate(`${prefix}sim:tokens=2,reasoning=3,tool_calls=1`), prompt: "hi", tools: { tool1 }, maxRetries: 0 });
    const seen = await drainVercel(result);
    assert.equal(seen.finish, "tool-calls");
    assert.ok(seen.parts.includes("reasoning-delta"));
    const calls = await result.toolCalls;
    assert.deepEqual([calls[0].toolName, calls[0].input], ["tool1", { n: 1 }]);
  });

  test(`embedMany ${prefix}`, async () => {
    const { embeddings } = await embedMany({ model: gate.embeddingModel(`${prefix}sim:tokens=1`), values: ["one", "two"], maxRetries: 0 });
    assert.equal(embeddings.length, 2);
  });
}

test("an object by a schema: the schema reaches the upstream", async () => {
  const schema = jsonSchema({ type: "object", properties: { n: { type: "number" } }, required: ["n"], additionalProperties: false });
  const structured = vercel(gateway.url, { supportsStructuredOutputs: true });
  const { object } = await generateObject({ model: structured("own/m"), schema, prompt: "four", maxRetries: 0 });
  assert.deepEqual(object, { n: 4 });
  const sent = JSON.parse(scripted.requests.at(-1).body);
  assert.deepEqual(sent.response_format.json_schema.schema.required, ["n"]);
  assert.equal(sent.model, "m");
});

test("an image reaches the upstream byte for byte", async () => {
  const image = Buffer.from(Array.from({ length: 3000 }, (_, index) => index % 256));
  const content = [{ type: "text", text: "what is it?" }, { type: "image", image, mediaType: "image/png" }];
  const seen = await drainVercel(streamText({ model: gate("own/m"), messages: [{ role: "user", content }], maxRetries: 0 }));
  assert.equal(seen.text, "x");
  const sent = JSON.parse(scripted.requests.at(-1).body);
  assert.equal(sent.messages[0].content[1].image_url.url, `data:image/png;base64,${image.toString("base64")}`);
});
