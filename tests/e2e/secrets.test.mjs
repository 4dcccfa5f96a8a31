// No key, prompt or answer is ever in a log, a record, an error, a metric or a message of the start.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { cleanEnvironment, PUNCTUAL, runToEnd } from "./support/child.mjs";
import { openai } from "./support/clients.mjs";
import { configurationFile, provider, startGateway } from "./support/gateway.mjs";
import { exchangeRaw } from "./support/raw.mjs";
import { startScripted, wholeAnswer } from "./support/scripted.mjs";

const KEYS = { file: "sk-canary-file-1", env: "sk-canary-env-2", header: "canary-header-3", client: "sk-canary-client-4", cookie: "canary-cookie-5" };
const PROMPT = "canary-prompt-6";
const ANSWER = "canary-answer-7";

function assertNone(what, text, allowed = []) {
  for (const secret of [...Object.values(KEYS), PROMPT, ANSWER]) {
    if (!allowed.includes(secret)) assert.ok(!text.includes(secret), `${secret} in ${what}: ${text.slice(0, 500)}`);
  }
}

test("nowhere", async () => {
  const answer = { id: "1", object: "chat.completion", choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: ANSWER } }] };
  const upstream = await startScripted((line, request) => {
    // The list of models is asked for too.
    if (request.method === "GET") return line.send(wholeAnswer(404, "{}"));
    const { model } = JSON.parse(request.body);
    if (model === "good") line.send(wholeAnswer(200, answer));
    if (model === "garbage") line.send("SSH-2.0-nonsense\r\n\r\n");
    if (model === "closed") line.abort();
  });
  const gateway = await startGateway({
    config:
      '[server]\nlog_level = "trace"\n' +
      provider("one", `${upstream.url}/v1`, { more: `api_key = "${KEYS.file}"\nheaders = { "X-Extra" = "${KEYS.header}" }` }) +
      provider("two", `${upstream.url}/v1`, { more: 'api_key_env = "KEY_TWO"' }) +
      provider("gone", "http://127.0.0.1:9/v1", { more: 'api_key_env = "KEY_TWO"' }),
    env: { KEY_TWO: KEYS.env },
  });
  const client = openai(gateway.url, { apiKey: KEYS.client, defaultHeaders: { Cookie: KEYS.cookie } });
  const ask = (model, more = {}) => client.chat.completions.create({ model, messages: [{ role: "user", content: PROMPT }], ...more });

  assert.equal((await ask("one/good")).choices[0].message.content, ANSWER);
  const errors = [];
  for (const model of ["one/garbage", "two/closed", "gone/m", "nobody/m", "sim:nonsense=1"]) errors.push(await ask(model).catch((thrown) => thrown));
  errors.push(await ask("two/silent", { timeout: 0.2 }).catch((thrown) => thrown));
  errors.push(await ask("two/silent", { timeout: "soon" }).catch((thrown) => thrown));
  for (const error of errors) {
    assert.ok(error.status >= 400, String(error));
    assertNone("an error", JSON.stringify(error.error) + error.message + JSON.stringify([...error.headers]));
  }
  const broken = await exchangeRaw(gateway.port, `POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${KEYS.client}\r\nContent-Length: nine\r\n\r\n${PROMPT}`);
  assert.equal(broken.status, 400);
  assertNone("a refusal", broken.text);
  assertNone("the metrics", await (await fetch(`${gateway.url}/metrics`)).text());
  assertNone("the models", await (await fetch(`${gateway.url}/v1/models`)).text());
  // Keys went where they belong, and nowhere else.
  for (const request of upstream.requests) assertNone("what an upstream was sent", request.text, [PROMPT, request.text.includes(KEYS.header) ? KEYS.file : KEYS.env, KEYS.header]);
  assert.ok(upstream.requests.some((request) => request.headers.authorization === `Bearer ${KEYS.file}`));
  assert.ok(upstream.requests.some((request) => request.headers.authorization === `Bearer ${KEYS.env}`));

  await gateway.stop();
  upstream.stop();
  const records = readFileSync(join(gateway.data, "requests.jsonl"), "utf8");
  assert.ok(records.split("\n").length > 6);
  assertNone("the records", records);
  assertNone("the log", gateway.output.stderr + gateway.output.stdout);
});

test("nor in what is said about a configuration that is wrong", async () => {
  const config =
    `[server]\nstorage = "postgres://u:${KEYS.cookie}@h/d"\n` +
    provider("one", "http://a/v1", { more: `api_key = "${KEYS.file} with a space"\nheaders = { "X Y" = "${KEYS.header}" }` }) +
    provider("two", "http://a/v1", { more: 'api_key_env = "KEY_TWO"' });
  for (const command of [["config", "check"], ["serve", "--listen", "127.0.0.1:0", "--config"]]) {
    const { code, stdout, stderr } = await runToEnd(PUNCTUAL, [...command, configurationFile(config)], { env: cleanEnvironment({ KEY_TWO: `${KEYS.env}\u00e9` }) });
    assert.equal(code, 1);
    assert.ok(stderr.split("\n").length > 3, stderr);
    assertNone("the errors", stdout + stderr);
  }
});
