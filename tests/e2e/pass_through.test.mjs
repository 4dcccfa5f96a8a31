// What the client sends and the gateway does not use arrives untouched; what is a secret does not arrive.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { CLIENT_KEY, HELLO, openai } from "./support/clients.mjs";
import { provider, startGateway, startSimulator } from "./support/gateway.mjs";
import { startScripted, wholeAnswer } from "./support/scripted.mjs";

const everything = {
  messages: [
    { role: "system", content: "sch\u00f6n \u{1f600} \\u0041 \"quoted\"\n" },
    { role: "user", content: [{ type: "text", text: "what?" }, { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=", detail: "low" } }] },
  ],
  temperature: 0.1,
  top_p: 1e-7,
  seed: 9007199254740991,
  n: 1,
  stop: ["\n\n", "END"],
  logit_bias: { 50256: -100 },
  response_format: { type: "json_schema", json_schema: { name: "answer", strict: true, schema: { type: "object", properties: { a: { type: "string" } }, required: ["a"], additionalProperties: false } } },
  tools: [{ type: "function", function: { name: "f", parameters: { type: "object", properties: {} }, strict: true } }],
  tool_choice: "none",
  metadata: { ticket: "42" },
  user: "someone",
  x_of_tomorrow: { deep: [[[null, true, false, {}]]] },
};

let simulator;
let scripted;
let gateway;
before(async () => {
  simulator = await startSimulator();
  scripted = await startScripted((line) => line.send(wholeAnswer(200, { object: "list", data: [], choices: [] }, { more: "X-Upstream-Own: yes\r\n" })));
  gateway = await startGateway({
    config:
      provider("far", `${simulator.url}/v1`, { more: 'api_key = "sk-far-secret"' }) +
      provider("own", `${scripted.url}/prefix/v1`, { more: 'api_key_env = "KEY_OF_OWN"\nheaders = { "X-Team" = "blue" }' }) +
      '[[rules]]\npriority = 1\nmatch = "exact"\npattern = "nick"\ntargets = [{ provider = "own", model = "real-name" }]\n',
    env: { KEY_OF_OWN: "sk-own-secret" },
  });
});
after(async () => {
  scripted.stop();
  await gateway.stop();
  await simulator.stop();
});

const echoed = (answer) => JSON.parse(answer.choices[0].message.content);

describe("members", () => {
  for (const [where, model] of [["built in", "sim:echo"], ["over HTTP", "far/sim:echo"]]) {
    test(`every member as it was sent, ${where}`, async () => {
      const answer = await openai(gateway.url).chat.completions.create({ model, ...everything });
      const { body, method, target } = echoed(answer);
      assert.deepEqual(JSON.parse(body), { model: "sim:echo", ...everything });
      assert.equal(method, "POST");
      assert.match(target, /\/chat\/completions$/);
    });
  }

  test("not only their meaning, each byte of them", async () => {
    const body = '{ "model":"sim:echo" ,\t"messages":[],"x":1.50e+2, "y" : "\\u0041\\/" , "timeout": 30 ,"z":-0.0 }';
    const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", body, headers: { "Content-Type": "application/json" } });
    const sent = echoed(await response.json()).body;
    for (const piece of ['{ "model":"sim:echo" ,\t"messages":[],"x":1.50e+2, "y" : "\\u0041\\/"', '"z":-0.0 }']) assert.ok(sent.includes(piece), sent);
  });

  test("timeout is for us and is removed", async () => {
    const answer = await openai(gateway.url).chat.completions.create({ model: "far/sim:echo", messages: HELLO, timeout: 30, seed: 1 });
    assert.deepEqual(JSON.parse(echoed(answer).body), { model: "sim:echo", messages: HELLO, seed: 1 });
  });

  test("a rule gives the model its name, and touches nothing else", async () => {
    await openai(gateway.url).chat.completions.create({ model: "nick", ...everything });
    assert.deepEqual(JSON.parse(scripted.requests.at(-1).body), { model: "real-name", ...everything });
    assert.equal(scripted.requests.at(-1).target, "/prefix/v1/chat/completions");
  });

  test("embeddings and completions too", async () => {
    const client = openai(gateway.url);
    await client.embeddings.create({ model: "own/e", input: ["a", "b"], dimensions: 8, encoding_format: "float", user: "u" });
    assert.deepEqual(JSON.parse(scripted.requests.at(-1).body), { model: "e", input: ["a", "b"], dimensions: 8, encoding_format: "float", user: "u" });
    await client.completions.create({ model: "own/c", prompt: ["a", "b"], best_of: 2, suffix: "z" });
    assert.deepEqual(JSON.parse(scripted.requests.at(-1).body), { model: "c", prompt: ["a", "b"], best_of: 2, suffix: "z" });
  });
});

describe("headers", () => {
  test("the client's own go on; keys, cookies, limits and hop-by-hop ones do not", async () => {
    const defaultHeaders = {
      "X-Custom": "kept; as=it, is",
      "OpenAI-Beta": "assistants=v2",
      "OpenAI-Organization": "org-1",
      Cookie: "session=canary",
      "X-Api-Key": CLIENT_KEY,
      "X-Request-Timeout": "20",
    };
    await openai(gateway.url, { defaultHeaders }).chat.completions.create({ model: "own/m", messages: HELLO });
    const { headers, text } = scripted.requests.at(-1);
    assert.equal(headers["x-custom"], "kept; as=it, is");
    assert.equal(headers["openai-beta"], "assistants=v2");
    assert.equal(headers["openai-organization"], "org-1");
    assert.equal(headers["x-team"], "blue");
    assert.equal(headers.authorization, "Bearer sk-own-secret");
    assert.equal(headers.host, `127.0.0.1:${scripted.port}`);
    for (const name of ["cookie", "x-api-key", "x-request-timeout", "proxy-authorization", "te"]) assert.equal(headers[name], undefined, name);
    assert.ok(!text.includes("canary"), text);
  });

  test("each provider gets its own key, the built-in simulation none", async () => {
    const client = openai(gateway.url);
    const far = echoed(await client.chat.completions.create({ model: "far/sim:echo", messages: HELLO })).headers;
    assert.equal(far.authorization, "Bearer");
    const built_in = echoed(await client.chat.completions.create({ model: "sim:echo", messages: HELLO })).headers;
    assert.equal(built_in.authorization, undefined);
  });

  test("the request's id goes up and comes back; the upstream's own headers come back", async () => {
    const { response } = await openai(gateway.url, { defaultHeaders: { "X-Request-ID": "ticket-4711" } })
      .chat.completions.create({ model: "own/m", messages: HELLO })
      .withResponse();
    assert.equal(scripted.requests.at(-1).headers["x-request-id"], "ticket-4711");
    assert.equal(response.headers.get("x-request-id"), "ticket-4711");
    assert.equal(response.headers.get("x-upstream-own"), "yes");
    assert.match(response.headers.get("x-punctual-limit"), /^total=900;/);
    assert.match(response.headers.get("server-timing"), /queue;dur=/);
  });
});
