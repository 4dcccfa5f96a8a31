// Local models: real llama.cpp engines as child processes of the gateway, loaded on demand, kept within memory.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { DEFAULT_DIRECTORY, makeModels } from "../engine/models/make_models.mjs";
import { EMBEDDING_LENGTH, knownAnswer } from "../engine/known_answers.mjs";
import { HELLO, ONE_EACH, anthropic, drainOpenai, openai } from "./support/clients.mjs";
import { startGateway } from "./support/gateway.mjs";
import { ADMIN_TOKEN, apiOf } from "./support/management.mjs";
import { until } from "./support/until.mjs";

const ENGINE = fileURLToPath(new URL("../engine/engine.mjs", import.meta.url));
const SIZE_MIB = 250;  // more than one of these engines takes

const model = (name, more = {}) => ({
  name, engine: "command", file: join(DEFAULT_DIRECTORY, `${name}.gguf`), memory: `${SIZE_MIB}MiB`,
  command: [process.execPath, ENGINE, "--exit-with-stdin", "--socket", "{socket}", "--file", "{file}"], ...more,
});
const toml = (entry) => "[[models]]\n" + Object.entries(entry).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`).join("");
const MODELS = [model("chain"), model("chain-slow"), model("embed"), model("chain-endless", { memory: "9GiB" }), { name: "broken", engine: "command", memory: "1MiB", command: ["sh", "-c", "echo no such tensor; exit 3", "{socket}"] }];
const config = (pool, models = MODELS) => `[pool]\nmemory_limit = "${2 * SIZE_MIB + 50}MiB"\nminimum_resident_seconds = 0\n${pool}` + models.map(toml).join("");

const start = async (pool = "", options = {}) => {
  makeModels(DEFAULT_DIRECTORY);
  const gateway = await startGateway({ config: config(pool), env: { PUNCTUAL_ADMIN_TOKEN: ADMIN_TOKEN }, threads: 2, ...options });
  const api = apiOf(gateway.url, { authorization: `Bearer ${ADMIN_TOKEN}` });
  const client = openai(gateway.url, { defaultHeaders: ONE_EACH, maxRetries: 0 });
  const state = async (name) => (await api.get("/api/pool")).models.find((one) => one.model === name);
  const stateWhen = (name, holds) => until(`model ${name}: ${holds}`, () => state(name), holds);
  const ask = (name, more = {}, options = {}) => client.chat.completions.create({ model: name, messages: HELLO, ...more }, options);
  const stream = (name, more = {}, options = {}) => drainOpenai(() => client.chat.completions.create({ model: name, messages: HELLO, stream: true, ...more }, options));
  return { gateway, api, client, state, stateWhen, ask, stream };
};
const runs = (pid) => existsSync(`/proc/${pid}`) && !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));

describe("one pool", () => {
  let pool;
  before(async () => (pool = await start()));
  after(() => pool.gateway.stop());

  test("a model is loaded by the first request, for all who wait, and answers word for word", async () => {
    assert.equal((await pool.state("chain")).state, "unloaded");
    const known = knownAnswer({ maxTokens: 7 });
    const [whole, streamed, ...more] = await Promise.all([
      pool.ask("chain", { max_tokens: 7 }), pool.stream("chain", { max_tokens: 7 }), pool.stream("pool/chain", { max_tokens: 7 }),
    ]);
    assert.equal(whole.choices[0].message.content, known.text);
    assert.equal(whole.usage.completion_tokens, 7);
    for (const one of [streamed, ...more]) assert.deepEqual([one.text, one.error], [known.text, undefined]);
    const { state, loads, pid } = await pool.state("chain");
    assert.deepEqual([state, loads], ["ready", 1]);
    assert.ok(runs(pid));
  });

  test("the record says how long it waited for the load", async () => {
    const record = await pool.gateway.recordWhen((one) => one.model === "chain");
    assert.ok(record.load_ms > 0);
    assert.equal(record.attempts[0].provider, "pool");
  });

  test("the list of models has them, with what their engines do", async () => {
    const { data } = await (await fetch(`${pool.gateway.url}/v1/models`)).json();
    const found = Object.fromEntries(data.filter((one) => one.owned_by === "pool").map((one) => [one.id, one.state]));
    assert.deepEqual(found, { chain: "ready", "chain-slow": "unloaded", embed: "unloaded", "chain-endless": "unloaded", broken: "unloaded" });
  });

  test("clients of other dialects", async () => {
    const answer = await anthropic(pool.gateway.url).messages.create({ model: "chain", max_tokens: 5, messages: HELLO });
    assert.equal(answer.content[0].text, knownAnswer({ maxTokens: 5 }).text);
  });

  test("for another the least recently used leaves; it comes back when it is wanted", async () => {
    await pool.ask("chain-slow", { max_tokens: 1 });
    const first = (await pool.state("chain")).pid;
    const { data } = await pool.client.embeddings.create({ model: "embed", input: "hi" });
    assert.equal(data[0].embedding.length, EMBEDDING_LENGTH);
    assert.equal((await pool.state("chain")).state, "unloaded");
    assert.equal((await pool.state("chain-slow")).state, "ready");
    assert.ok(!runs(first));
    await pool.ask("chain", { max_tokens: 1 });
    assert.deepEqual([(await pool.state("chain")).loads, (await pool.state("chain-slow")).state], [2, "unloaded"]);
  });

  test("one that is answering stays, and who wants its memory waits", async () => {
    await pool.ask("chain-slow", { max_tokens: 1 });
    await pool.api.post("/api/pool/embed/unload").catch(() => {});
    await pool.ask("chain", { max_tokens: 1 });
    const running = [pool.stream("chain", { ignore_eos: true, max_tokens: 3000 }), pool.stream("chain-slow", { ignore_eos: true, max_tokens: 300 })];
    await pool.stateWhen("chain-slow", (one) => one.in_flight === 1);
    const waiting = pool.client.embeddings.create({ model: "embed", input: "hi" });
    await pool.stateWhen("embed", (one) => one.state === "waiting");
    const [long, slow] = await Promise.all(running);
    assert.deepEqual([long.error, slow.error], [undefined, undefined]);
    assert.equal(long.text, knownAnswer({ maxTokens: 3000, endless: true }).text);
    assert.equal((await waiting).data.length, 1);
  });

  test("what can never fit is refused with the sum", async () => {
    await assert.rejects(pool.ask("chain-endless"), (error) => error.status === 503 && /can never be loaded: it takes 9 GiB/.test(error.message));
  });

  test("a start that fails says why, with the engine's last words", async () => {
    await assert.rejects(pool.ask("broken"), (error) => error.status === 503 && /exit code 3.*no such tensor/.test(error.message) && error.headers.get("retry-after") !== null);
    const { problem, last_lines: lines, retried_in_ms: left } = await pool.state("broken");
    assert.match(problem, /exit code 3/);
    assert.deepEqual(lines, ["no such tensor"]);
    assert.ok(left > 0);
  });

  test("a hang-up ends the engine's work, and the model answers the next request", async () => {
    const abort = new AbortController();
    const hanging = pool.stream("chain-slow", { ignore_eos: true, max_tokens: 8000 }, { signal: abort.signal });
    await pool.stateWhen("chain-slow", (one) => one.in_flight === 1);
    abort.abort();
    await hanging;
    await pool.stateWhen("chain-slow", (one) => one.in_flight === 0);
    const next = await pool.stream("chain-slow", { max_tokens: 3 });
    assert.equal(next.text, knownAnswer({ maxTokens: 3 }).text);
  });

  test("an engine that is killed ends its streams with an error, and is started anew", async () => {
    await pool.ask("chain", { max_tokens: 1 });
    const { pid } = await pool.state("chain");
    const running = pool.stream("chain", { ignore_eos: true, max_tokens: 4000 });
    await pool.stateWhen("chain", (one) => one.in_flight === 1);
    process.kill(pid, "SIGKILL");
    assert.ok((await running).error);
    await pool.stateWhen("chain", (one) => one.crashes === 1 && one.retried_in_ms === null);
    assert.equal((await pool.stream("chain", { max_tokens: 2 })).text, knownAnswer({ maxTokens: 2 }).text);
  });

  test("by hand: load and unload", async () => {
    await pool.api.post("/api/pool/chain/unload");
    await pool.stateWhen("chain", (one) => one.state === "unloaded");
    await pool.api.post("/api/pool/chain/load");
    await pool.stateWhen("chain", (one) => one.state === "ready");
    assert.equal((await pool.api.call("POST", "/api/pool/nowhere/load")).status, 404);
    assert.equal((await pool.api.call("POST", "/api/pool/broken/unload")).status, 404);
  });

  test("who is no administrator may look, and not touch", async () => {
    const nobody = apiOf(pool.gateway.url);
    assert.equal((await nobody.call("GET", "/api/pool")).status, 401);
    assert.equal((await nobody.call("POST", "/api/pool/chain/unload")).status, 401);
  });
});

test("the load limit: no progress, and the client learns which limit it was", async () => {
  const silent = { name: "silent", engine: "command", memory: "1MiB", command: ["sh", "-c", "exec sleep 1000", "{socket}"] };
  const { gateway, ask } = await start("", { config: config("[timeouts]\nload_seconds = 0.5\n", [silent]) });
  await assert.rejects(ask("silent"), (error) => error.status === 504 && /model load made no progress after 0.5 seconds/.test(error.message));
  await gateway.stop();
});

test("idle models leave, and a lowered limit empties the pool at once", async () => {
  const { gateway, api, ask, stateWhen } = await start();
  await ask("chain", { max_tokens: 1 });
  await ask("chain-slow", { max_tokens: 1 });
  await api.put("/api/settings/pool", { memory_limit: `${SIZE_MIB + 10}MiB` });
  await stateWhen("chain", (one) => one.state === "unloaded");
  await api.put("/api/settings/pool", { idle_unload_seconds: 1 });
  await stateWhen("chain-slow", (one) => one.state === "unloaded");
  await gateway.stop();
});

test("no orphans: neither after a stop nor after kill -9", async () => {
  for (const signal of ["SIGTERM", "SIGKILL"]) {
    const { gateway, ask, state } = await start();
    await ask("chain", { max_tokens: 1 });
    const { pid } = await state("chain");
    assert.ok(runs(pid));
    if (signal === "SIGTERM") await gateway.stop();
    else gateway.kill(signal);
    await until(`the engine's end after ${signal}`, () => runs(pid), (still) => !still);
  }
});
