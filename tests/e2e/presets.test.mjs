// Servers that are known by name: each is asked at the path, and gets its key in the field, that its vendor documents.
//
// The vendor's host is replaced by an upstream that answers nothing else.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { HELLO, anthropic, openai } from "./support/clients.mjs";
import { provider } from "./support/gateway.mjs";
import { startManaged } from "./support/management.mjs";
import { startScripted, wholeAnswer } from "./support/scripted.mjs";

const bearer = (key) => ({ authorization: `Bearer ${key}` });
const named = (field) => (key) => ({ [field]: key });
const KEY_FIELDS = ["authorization", "x-api-key", "api-key"];

// Of the vendors' pages: the address, the field of the key, and where else than /chat/completions they answer.
const VENDORS = {
  openai: { base: "https://api.openai.com/v1", auth: bearer, responses: "/v1/responses" },
  anthropic: { base: "https://api.anthropic.com/v1", auth: named("x-api-key"), chat: false, messages: "/v1/messages", version: "2023-06-01" },
  "azure-openai": { base: "https://resource.openai.azure.com/openai/v1", own: true, auth: named("api-key"), responses: "/openai/v1/responses" },
  gemini: { base: "https://generativelanguage.googleapis.com/v1beta/openai", auth: bearer },
  groq: { base: "https://api.groq.com/openai/v1", auth: bearer, responses: "/openai/v1/responses" },
  mistral: { base: "https://api.mistral.ai/v1", auth: bearer },
  deepseek: { base: "https://api.deepseek.com", auth: bearer, messages: "/anthropic/v1/messages" },
  together: { base: "https://api.together.ai/v1", auth: bearer },
  fireworks: { base: "https://api.fireworks.ai/inference/v1", auth: bearer, responses: "/inference/v1/responses", messages: "/inference/v1/messages" },
  openrouter: { base: "https://openrouter.ai/api/v1", auth: bearer, responses: "/api/v1/responses", messages: "/api/v1/messages" },
  ollama: { base: "http://localhost:11434/v1", responses: "/v1/responses", messages: "/v1/messages" },
  vllm: { base: "http://localhost:8000/v1", responses: "/v1/responses", messages: "/v1/messages" },
  "llama-server": { base: "http://localhost:8080/v1", responses: "/v1/responses", messages: "/v1/messages" },
  "lm-studio": { base: "http://localhost:1234/v1", responses: "/v1/responses", messages: "/v1/messages" },
};
for (const vendor of Object.values(VENDORS)) vendor.path = new URL(vendor.base).pathname.replace(/\/$/, "");

const TEXT = "hello from the vendor";
const documents = {
  chat: { id: "c", object: "chat.completion", created: 1, model: "m", choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: TEXT } }], usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 } },
  messages: { id: "msg_1", type: "message", role: "assistant", model: "m", content: [{ type: "text", text: TEXT }], stop_reason: "end_turn", stop_sequence: null, usage: { input_tokens: 3, output_tokens: 4 } },
  responses: { id: "resp_1", object: "response", created_at: 1, status: "completed", model: "m", output: [{ type: "message", id: "msg_1", status: "completed", role: "assistant", content: [{ type: "output_text", text: TEXT, annotations: [] }] }], usage: { input_tokens: 3, output_tokens: 4, total_tokens: 7 } },
};
// As each one's page on models shows it.
const lists = {
  anthropic: { data: [{ type: "model", id: "claude-a", display_name: "A", created_at: "2025-02-19T00:00:00Z" }, { type: "model", id: "claude-b" }], has_more: false, first_id: "claude-a", last_id: "claude-b" },
  gemini: { object: "list", data: [{ id: "models/gemini-a", object: "model", owned_by: "google" }, { id: "models/gemini-b", object: "model" }] },
  together: [{ id: "org/a", object: "model", type: "chat" }, { id: "org/b", object: "model", type: "chat" }],
  usual: { object: "list", data: [{ id: "a", object: "model", created: 1, owned_by: "vendor" }, { id: "b", object: "model" }] },
};
// How they refuse a key.
const refusals = {
  anthropic: { type: "error", error: { type: "authentication_error", message: "invalid x-api-key" } },
  gemini: [{ error: { code: 401, message: "API key not valid.", status: "UNAUTHENTICATED" } }],
  mistral: { detail: "Unauthorized" },
  usual: { error: { message: "Incorrect API key provided.", type: "invalid_request_error", code: "invalid_api_key" } },
};

const keyOf = (name) => (VENDORS[name].auth ? `key-of-${name}` : undefined);

/** One vendor: exactly its routes, exactly its key; everything else is 404 or 401. */
const startVendor = (name) =>
  startScripted((line, request) => {
    const { path, auth, chat = true, messages, responses, version } = VENDORS[name];
    const answer = { [`GET ${path}/models`]: lists[name] ?? lists.usual, [`POST ${messages}`]: documents.messages, [`POST ${responses}`]: documents.responses };
    if (chat) answer[`POST ${path}/chat/completions`] = documents.chat;
    const found = answer[`${request.method} ${request.target}`];
    if (!found) return line.send(wholeAnswer(404, { error: { message: `no route ${request.target}` } }));
    const wanted = auth ? auth(keyOf(name)) : {};
    const isVersioned = !version || request.headers["anthropic-version"] !== undefined;
    const right = isVersioned && KEY_FIELDS.every((field) => request.headers[field] === wanted[field]);
    line.send(right ? wholeAnswer(200, found) : wholeAnswer(401, refusals[name] ?? refusals.usual));
  });

const vendors = {};
let gateway;
before(async () => {
  for (const name of Object.keys(VENDORS)) vendors[name] = await startVendor(name);
  const config = Object.keys(VENDORS).map((name) => `[[providers]]\nname = "${name}"\npreset = "${name}"\nbase_url = "${vendors[name].url}${VENDORS[name].path}"\n${keyOf(name) ? `api_key = "${keyOf(name)}"\n` : ""}`);
  gateway = await startManaged({ config: config.join("") });
});
after(async () => {
  await gateway?.stop();
  for (const vendor of Object.values(vendors)) vendor.stop();
});

test("are all those of the gateway, with the addresses that their vendors document", async () => {
  const { presets } = await gateway.api.get("/api/settings/providers/presets");
  assert.deepEqual(presets.map((preset) => preset.name).sort(), Object.keys(VENDORS).sort());
  for (const { name, base_url, needs_key } of presets)
    assert.deepEqual([name, base_url, needs_key], [name, VENDORS[name].own ? "" : VENDORS[name].base, VENDORS[name].auth !== undefined]);
});

for (const [name, { path, chat = true, messages, responses, version }] of Object.entries(VENDORS)) {
  describe(name, () => {
    const asked = () => vendors[name].requests.at(-1);

    test("is asked where it answers, with its key, by each SDK", async () => {
      const answer = await openai(gateway.url).chat.completions.create({ model: `${name}/m-1`, messages: HELLO, max_tokens: 5 });
      assert.equal(answer.choices[0].message.content, TEXT);
      assert.equal(asked().target, chat ? `${path}/chat/completions` : messages);
      assert.equal(asked().headers["anthropic-version"], version, "where the client does not say it");
      const message = await anthropic(gateway.url).messages.create({ model: `${name}/m-1`, messages: HELLO, max_tokens: 5 });
      assert.equal(message.content[0].text, TEXT);
      assert.equal(asked().target, messages ?? `${path}/chat/completions`);
      const response = await openai(gateway.url).responses.create({ model: `${name}/m-1`, input: "hello" });
      assert.equal(response.output_text, TEXT);
      assert.equal(asked().target, responses ?? (chat ? `${path}/chat/completions` : messages));
      for (const request of vendors[name].requests.filter((one) => one.method === "POST")) assert.equal(JSON.parse(request.body).model, "m-1");
    });

    test("is tested before it is saved; a wrong key is told from a wrong address", async () => {
      const ask = (more) => gateway.api.post("/api/settings/providers/test", { name: "draft", preset: name, base_url: `${vendors[name].url}${path}`, ...more });
      const good = await ask(keyOf(name) ? { api_key: keyOf(name) } : {});
      const list = lists[name] ?? lists.usual;
      assert.deepEqual([good.good, good.status, good.model_count, good.models], [true, 200, 2, (list.data ?? list).map((model) => model.id)], good.detail);
      const wrong = await ask({ api_key: "wrong-key" });
      assert.deepEqual([wrong.good, wrong.status], [false, 401]);
      const said = refusals[name] ?? refusals.usual;
      assert.match(wrong.detail, /^It does not take the key\./);
      const words = (said[0] ?? said).error?.message;
      if (words) assert.ok(wrong.detail.includes(words), wrong.detail);
      const elsewhere = await ask({ base_url: `${vendors[name].url}/elsewhere`, api_key: "any" });
      assert.deepEqual([elsewhere.good, elsewhere.status], [false, 404]);
      assert.match(elsewhere.detail, /is base_url right\?/);
      assert.ok((await gateway.api.get("/api/settings/providers")).providers.every((one) => one.name !== "draft"), "nothing is stored");
    });
  });
}

test("a name that is none is told at the start, with what it may have meant", async () => {
  await assert.rejects(startManaged({ config: '[[providers]]\nname = "x"\npreset = "olama"\n' }), /did you mean ollama\?/);
  await assert.rejects(startManaged({ config: '[[providers]]\nname = "x"\npreset = "azure-openai"\n' }), /base_url/);
});

test("what is written beside a preset wins", async () => {
  const own = await startManaged({ config: `[[providers]]\nname = "x"\npreset = "groq"\nauth = "api-key"\nbase_url = "${vendors["azure-openai"].url}/openai/v1"\napi_key = "${keyOf("azure-openai")}"\n` });
  const answer = await openai(own.url).chat.completions.create({ model: "x/m", messages: HELLO });
  assert.equal(answer.choices[0].message.content, TEXT);
  await own.stop();
});

// Where no key is written one that the client has must not go there instead.
test("without a key, nobody's key is sent", async () => {
  const bare = await startManaged({ config: provider("bare", `${vendors.ollama.url}/v1`) });
  assert.equal((await openai(bare.url).chat.completions.create({ model: "bare/m", messages: HELLO })).choices[0].message.content, TEXT);
  assert.deepEqual(KEY_FIELDS.filter((field) => field in vendors.ollama.requests.at(-1).headers), []);
  await bare.stop();
});
