// Local models as settings: added, changed, pinned and removed while the gateway runs, by the API and the command line.

import assert from "node:assert/strict";
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { DEFAULT_DIRECTORY, makeModels } from "../engine/models/make_models.mjs";
import { knownAnswer } from "../engine/known_answers.mjs";
import { cleanEnvironment, PUNCTUAL, runToEnd } from "./support/child.mjs";
import { HELLO, ONE_EACH, drainOpenai, openai } from "./support/clients.mjs";
import { faulty, startFaulty } from "./support/faulty.mjs";
import { configurationFile, temporaryFolder } from "./support/gateway.mjs";
import { pathWithLlamaServer } from "./support/llama_server.mjs";
import { PASSWORD, apiOf, chat, logIn, startManaged } from "./support/management.mjs";
import { until } from "./support/until.mjs";

const MODELS = "/api/settings/models";
makeModels(DEFAULT_DIRECTORY);
const CHAIN = join(DEFAULT_DIRECTORY, "chain.gguf");
const SLOW = join(DEFAULT_DIRECTORY, "chain-slow.gguf");
const EMBED = join(DEFAULT_DIRECTORY, "embed.gguf");
const engine = pathWithLlamaServer();
const known = (maxTokens) => knownAnswer({ maxTokens }).text;

const start = async (options = {}) => {
  const gateway = await startManaged({ threads: 2, ...options, env: { PATH: engine.path, ...options.env } });
  const { api } = gateway;
  const state = async (name) => (await api.get("/api/pool")).models.find((one) => one.model === name);
  const stateWhen = (name, holds) => until(`model ${name}: ${holds}`, () => state(name), holds);
  const client = openai(gateway.url, { defaultHeaders: ONE_EACH, maxRetries: 0 });
  const stream = (name, more = {}) => drainOpenai(() => client.chat.completions.create({ model: name, messages: HELLO, stream: true, ...more }));
  return { ...gateway, api, state, stateWhen, stream };
};
const model = (name, more = {}) => ({ name, engine: "llama-server", file: CHAIN, ...more });
const fileModel = (name, more = "") => `[[models]]\nname = "${name}"\nengine = "llama-server"\nfile = "${CHAIN}"\n${more}\n`;
const fieldsOf = (answer) => answer.body.errors.map((one) => one.field);
const change = async (api, action, name) => (await api.get(`/api/changes?subject=model:${name}`)).changes.find((one) => one.action === action);

describe("by the API", () => {
  let gateway;
  let api;
  before(async () => {
    gateway = await start({ config: '[pool]\nmemory_limit = "8GiB"\n' + fileModel("filed", "slots = 3") });
    api = gateway.api;
  });
  after(() => gateway.stop());

  test("one is added, answers at once on every core, is changed, and is gone", async () => {
    const made = await api.call("POST", MODELS, model("one", { slots: 2, context: 512 }));
    assert.equal(made.status, 201, made.text);
    assert.deepEqual([made.body.origin, made.body.in_file, made.body.slots, made.body.pinned, made.body.memory], ["stored", false, 2, false, null]);
    const texts = await Promise.all(Array.from({ length: 4 }, () => gateway.stream("one", { max_tokens: 4 })));
    assert.deepEqual(texts.map((one) => [one.text, one.error]), Array(4).fill([known(4), undefined]));
    assert.match(readFileSync(engine.started, "utf8"), new RegExp(`-m ${CHAIN} -a one -c 1024 -np 2 `));
    const first = await gateway.state("one");

    const path = `${MODELS}/${made.body.id}`;
    const changed = await api.put(path, { ...(await api.get(path)), context: 256 });
    assert.deepEqual([changed.context, changed.slots], [256, 2]);
    await gateway.stateWhen("one", (one) => one.pid !== first.pid);
    assert.equal((await gateway.stream("one", { max_tokens: 3 })).text, known(3));
    assert.match(readFileSync(engine.started, "utf8"), /-a one -c 512 -np 2 /);

    assert.equal((await api.call("DELETE", path)).status, 204);
    await until("the engine's end", () => gateway.state("one"), (one) => one === undefined);
    assert.equal((await chat(gateway.url, "one")).status, 404);
    assert.equal((await api.call("GET", path)).status, 404);
    for (const action of ["create", "update", "delete"]) assert.equal((await change(api, action, "one")).actor, "token:admin");
    assert.deepEqual([(await change(api, "update", "one")).before.context, (await change(api, "update", "one")).after.context], [512, 256]);
  });

  test("a stream that runs goes on when its model is changed or deleted", async () => {
    const { id } = await api.post(MODELS, model("running", { file: SLOW, context: 8192 }));
    const running = gateway.stream("running", { ignore_eos: true, max_tokens: 400 });
    await gateway.stateWhen("running", (one) => one?.in_flight === 1);
    await api.call("DELETE", `${MODELS}/${id}`);
    assert.equal((await chat(gateway.url, "running")).status, 404);
    const { text, error } = await running;
    assert.deepEqual([text, error], [knownAnswer({ maxTokens: 400, endless: true }).text, undefined]);
    await until("the engine's end", () => gateway.state("running"), (one) => one === undefined);
  });

  test("what is wrong is said by its field, and nothing is stored", async () => {
    const folder = temporaryFolder();
    const text = join(folder, "notes.gguf");
    writeFileSync(text, "no model at all");
    const cases = [
      [model("x", { file: "chain.gguf" }), "file", /whole path/],
      [model("x", { file: join(folder, "nowhere.gguf") }), "file", /does not find/],
      [model("x", { file: text }), "file", /notes\.gguf/],
      [model("x", { file: "--help" }), "file", /option/],
      [model("x", { file: CHAIN, projector: CHAIN }), "projector", /not the file for images/],
      [model("x", { engine: "llama" }), "engine", /llama-server/],
      [model("x", { engine: "vllm", file: "not a name" }), "file", /org\/name/],
      [model("x", { slots: 0 }), "slots", /1 to 1024/],
      [model("x", { context: "much" }), "context", /whole number/],
      [model("x", { idle_unload_seconds: -1 }), "idle_unload_seconds", /negative/],
      [model("x", { memory: "lots" }), "memory", /bytes/],
      [model("x", { nonsense: 1 }), "nonsense", /./],
      [model(""), "name", /./],
      [{ engine: "llama-server", file: CHAIN }, "name", /missing/],
      [{ name: "x", file: CHAIN }, "engine", /missing/],
      [model("x", { engine: "mlx-lm", file: "org/name" }), "url", /missing/],
    ];
    for (const [body, field, message] of cases) {
      const answer = await api.call("POST", MODELS, body);
      assert.equal(answer.status, 422, `${JSON.stringify(body)}: ${answer.text}`);
      assert.ok(fieldsOf(answer).includes(field), answer.text);
      assert.match(answer.body.errors.find((one) => one.field === field).message, message);
    }
    const taken = await api.call("POST", MODELS, model("filed"));
    assert.deepEqual([taken.status, fieldsOf(taken)], [409, ["name"]]);
    assert.deepEqual((await api.get(MODELS)).models.map((one) => one.name), ["filed"]);
  });

  test("programs and their arguments cannot be said through the API", async () => {
    const run = ["sh", "-c", "touch /tmp/no; exec sleep 1000", "{socket}"];
    for (const [body, field] of [
      [{ name: "x", engine: "command", command: run }, "engine"],
      [model("x", { command: ["/bin/sh"] }), "command"],
      [model("x", { arguments: ["--log-file", "/etc/passwd"] }), "arguments"],
      [model("x", { url: "unix:/tmp/anything" }), "url"],
      [model("x", { url: "http://0.0.0.0:9/v1" }), "url"],
    ]) {
      for (const path of [MODELS, `${MODELS}/estimate`]) {
        const refused = await api.call("POST", path, body);
        assert.deepEqual([refused.status, fieldsOf(refused)], [403, [field]], refused.text);
        assert.match(refused.body.detail ?? refused.body.error.message, /commands_by_api/);
      }
    }
    assert.equal((await api.get("/api/settings/pool")).commands_by_api, false);
    const grab = await api.call("PUT", "/api/settings/pool", { commands_by_api: true });
    assert.deepEqual([grab.status, fieldsOf(grab)], [403, ["commands_by_api"]]);
    assert.equal((await api.get(MODELS)).commands_by_api, false);
  });

  test("an estimate before it is saved, with the sum and what the file says", async () => {
    const estimate = await api.post(`${MODELS}/estimate`, { engine: "llama-server", file: CHAIN, slots: 2, context: 512 });
    assert.ok(estimate.memory_bytes > 0 && estimate.fits && estimate.memory_limit_bytes === 8 * 2 ** 30);
    assert.match(estimate.memory_words, /weights .* for a context of 512 x 2 slots/);
    assert.deepEqual([estimate.program, estimate.program_path, estimate.problem], ["llama-server", engine.program, ""]);
    assert.equal(estimate.file.kind, "text");
    const much = await api.post(`${MODELS}/estimate`, { engine: "llama-server", file: SLOW, slots: 1024, context: 1_000_000 });
    assert.equal(much.fits, false);
    const unlike = await api.call("POST", `${MODELS}/estimate`, { engine: "llama-server", file: join(DEFAULT_DIRECTORY, "made-by") });
    assert.deepEqual([unlike.status, fieldsOf(unlike)], [422, ["file"]]);
    assert.equal((await api.get(MODELS)).models.length, 1);
  });

  test("one of the file: stored in its place, and back; it cannot be deleted", async () => {
    const [filed] = (await api.get(MODELS)).models;
    assert.deepEqual([filed.origin, filed.in_file, filed.slots], ["file", true, 3]);
    const path = `${MODELS}/${filed.id}`;
    assert.equal((await api.call("DELETE", path)).status, 409);
    const over = await api.put(path, { ...filed, slots: 4 });
    assert.deepEqual([over.origin, over.in_file, over.slots], ["stored", true, 4]);
    assert.equal((await api.call("PUT", path, { ...filed, name: "other" })).status, 422);
    assert.equal((await api.call("DELETE", path)).status, 204);
    assert.deepEqual([(await api.get(path)).origin, (await api.get(path)).slots], ["file", 3]);
  });

  test("a rule that leads to it keeps it; versions are matched", async () => {
    const { id } = await api.post(MODELS, model("ruled"));
    const rule = await api.post("/api/settings/rules", { match: "exact", pattern: "nice-name", targets: [{ provider: "pool", model: "ruled" }] });
    const refused = await api.call("DELETE", `${MODELS}/${id}`);
    assert.deepEqual([refused.status, /nice-name/.test(refused.text)], [409, true]);
    assert.equal((await gateway.stream("nice-name", { max_tokens: 2 })).text, known(2));
    const { layers } = await api.get("/api/settings/timeouts/chain?model=ruled");
    assert.deepEqual(layers.find((one) => one.id === "load"), { id: "load", name: "loading the model without progress", seconds: 300, counts: "restarts", known: "set", source: "default", ours: true, evidence: "", requests: "" });
    assert.equal((await api.call("GET", "/api/settings/timeouts/chain?model=nowhere")).status, 400);
    const { targets } = await api.get("/api/targets");
    assert.ok(targets.some((one) => one.provider === "pool" && one.model === "ruled" && one.calls > 0), JSON.stringify(targets));
    await api.delete(`/api/settings/rules/${rule.id}`);
    const stale = await api.call("DELETE", `${MODELS}/${id}`, undefined, { "If-Match": '"1"' });
    assert.equal(stale.status, 412);
    const { headers } = await api.call("GET", `${MODELS}/${id}`);
    assert.equal((await api.call("DELETE", `${MODELS}/${id}`, undefined, { "If-Match": headers.etag })).status, 204);
    await until("the engine's end", () => gateway.state("ruled"), (one) => one === undefined);
    assert.ok(!(await api.get("/api/targets")).targets.some((one) => one.model === "ruled"));
  });

  test("loads, unloads and pins by hand are remembered, with who did it", async () => {
    await api.post("/api/pool/filed/load");
    await gateway.stateWhen("filed", (one) => one.state === "ready");
    const pinned = await api.post("/api/pool/filed/pin", { pinned: true });
    assert.equal(pinned.pinned, true);
    await api.post("/api/pool/filed/pin", { pinned: true });
    await api.post("/api/pool/filed/unload");
    await gateway.stateWhen("filed", (one) => one.state === "unloaded");
    await api.post("/api/pool/filed/pin", { pinned: false });
    const { changes } = await api.get("/api/changes?subject=model:filed&count=4");
    assert.deepEqual(changes.map((one) => [one.action, one.actor, one.after]), [
      ["unpin", "token:admin", { pinned: false }], ["unload", "token:admin", null], ["pin", "token:admin", { pinned: true }], ["load", "token:admin", null],
    ]);
    const wrong = await api.call("POST", "/api/pool/filed/pin", { pinned: "yes" });
    assert.deepEqual([wrong.status, fieldsOf(wrong)], [422, ["pinned"]]);
    assert.equal((await api.call("POST", "/api/pool/nowhere/pin", { pinned: true })).status, 404);
  });

  test("who is no administrator may look, and not touch", async () => {
    await api.post("/api/users", { name: "vera", password: PASSWORD, role: "viewer" });
    const nobody = apiOf(gateway.url);
    const viewer = await logIn(gateway.url, "vera");
    assert.equal((await viewer.get(MODELS)).models.length, 1);
    for (const [method, path, body] of [["POST", MODELS, model("x")], ["POST", `${MODELS}/estimate`, model("x")], ["POST", "/api/pool/filed/pin", { pinned: true }], ["GET", "/api/discovery"]]) {
      assert.equal((await nobody.call(method, path, body)).status, 401, `${method} ${path}`);
      assert.equal((await viewer.call(method, path, body)).status, 403, `${method} ${path}`);
    }
  });
});

test("a restart keeps it all: the model, the pin of one of the file, the pool's settings", async () => {
  const data = temporaryFolder();
  const config = fileModel("filed") + fileModel("plain", "pinned = true");
  const first = await start({ data, config });
  await first.api.post(MODELS, model("kept", { pinned: true, idle_unload_seconds: 5 }));
  await first.api.post("/api/pool/filed/pin", { pinned: true });
  await first.api.post("/api/pool/plain/pin", { pinned: false });
  await first.api.put("/api/settings/pool", { memory_limit: "3GiB", idle_unload_seconds: 77, minimum_resident_seconds: 0.5 });
  await first.stop();
  const second = await start({ data, config });
  const { models } = await second.api.get(MODELS);
  assert.deepEqual(models.map((one) => [one.name, one.origin, one.pinned, one.pin_stored, one.idle_unload_seconds]), [
    ["filed", "file", true, true, null], ["plain", "file", false, true, null], ["kept", "stored", true, false, 5],
  ]);
  assert.deepEqual(((pool) => [pool.idle_unload_seconds, pool.minimum_resident_seconds, pool.memory_limit])(await second.api.get("/api/settings/pool")), [77, 0.5, String(3 * 2 ** 30)]);
  assert.equal((await second.api.get("/api/pool")).memory_limit_bytes, 3 * 2 ** 30);
  assert.equal((await second.stream("kept", { max_tokens: 5 })).text, known(5));
  await second.api.post("/api/pool/kept/pin", { pinned: false });
  await second.stop();
  const third = await start({ data, config });
  assert.equal((await third.state("kept")).pinned, false);
  await third.stop();
});

test("pinned: neither idle time nor a lowered limit takes it; a model's own idle time counts before the pool's", async () => {
  const gateway = await start({ config: '[pool]\nidle_unload_seconds = 1\nminimum_resident_seconds = 0\nmemory_limit = "8GiB"\n' });
  await gateway.api.post(MODELS, model("pinned", { pinned: true }));
  await gateway.api.post(MODELS, model("patient", { file: SLOW, idle_unload_seconds: 0 }));
  await gateway.api.post(MODELS, model("usual", { file: EMBED }));
  for (const name of ["pinned", "patient", "usual"]) await gateway.api.post(`/api/pool/${name}/load`);
  await gateway.stateWhen("usual", (one) => one.loads === 1 && one.state === "unloaded");
  for (const name of ["pinned", "patient"]) assert.equal((await gateway.state(name)).state, "ready", name);
  await gateway.api.put("/api/settings/pool", { memory_limit: "1MiB" });
  await gateway.stateWhen("patient", (one) => one.state === "unloaded");
  assert.equal((await gateway.state("pinned")).state, "ready");
  await gateway.api.post("/api/pool/pinned/pin", { pinned: false });
  await gateway.stateWhen("pinned", (one) => one.state === "unloaded");
  await gateway.stop();
});

test("where the environment allows it, the API may say what runs", async () => {
  const gateway = await start({ env: { PUNCTUAL_POOL_COMMANDS_BY_API: "true" } });
  const { api } = gateway;
  assert.equal((await api.get(MODELS)).commands_by_api, true);
  await api.post(MODELS, model("own", { command: [engine.program], arguments: ["--verbose"] }));
  assert.equal((await gateway.stream("own", { max_tokens: 2 })).text, known(2));
  await gateway.stop();
});

test("an engine that is not there: the file can be added, and the first request says why", async () => {
  const gateway = await start({ env: { PATH: "/nonexistent" } });
  const estimate = await gateway.api.post(`${MODELS}/estimate`, model("x"));
  assert.deepEqual([estimate.program_path, /releases/.test(estimate.program_advice)], ["", true]);
  await gateway.api.post(MODELS, model("x"));
  const refused = await chat(gateway.url, "x");
  assert.deepEqual([refused.status, /llama-server/.test(refused.text)], [503, true], refused.text);
  await gateway.stop();
});

describe("by the command line", () => {
  const models = (data, ...parameters) => runToEnd(PUNCTUAL, ["models", ...parameters.slice(0, 1), "--data", data, ...parameters.slice(1)], { env: cleanEnvironment({ PATH: engine.path }) });

  test("add, list, serve, chat, remove: whether a gateway runs or not", async () => {
    const data = temporaryFolder();
    const added = await models(data, "add", CHAIN, "--name", "mine", "--slots", "2", "--context", "512", "--pinned");
    assert.deepEqual([added.code, /warning/.test(added.stderr)], [0, false]);
    assert.match(added.stdout, /^mine is added: llama-server, 2 slots of 512 tokens, pinned\nmemory: .* weights .* for a context of 512 x 2 slots .*; the model pool may use .*\n/);
    assert.match(added.stdout, new RegExp(`engine: ${engine.program}`));
    const [, body] = /curl -N http:\/\/127\.0\.0\.1:8080\/v1\/chat\/completions [^]* -d '(.*)'\n$/.exec(added.stdout);
    const gateway = await start({ data });
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: { "Content-Type": "application/json" }, body });
    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /\[DONE\]/);

    const listed = await models(data, "list");
    assert.match(listed.stdout, new RegExp(`^NAME .*\nmine +llama-server +idle +.* +stored +${CHAIN}  \\(pinned\\)\n$`));
    const second = await models(data, "add", EMBED);
    assert.match(second.stdout, /^embed is added[^]*\/v1\/embeddings/);
    await gateway.stateWhen("embed", (one) => one?.state === "unloaded");
    const { changes } = await gateway.api.get("/api/changes?subject=model:");
    assert.deepEqual(changes.map((one) => [one.subject, one.actor]), [["model:embed", "command line"], ["model:mine", "command line"]]);
    assert.equal((await models(data, "remove", "mine")).code, 0);
    await until("the engine's end", () => gateway.state("mine"), (one) => one === undefined);
    await gateway.stop();
    assert.match((await models(data, "list")).stdout, /\nembed +llama-server +not running/);
  });

  test("list says what each model does, as the gateway that runs on the folder knows it", async () => {
    const slow = faulty("slow", { memory: "400MiB", flags: { "load-ms": 2000, "load-mib": 250, "token-delay-ms": 20 } });
    const pool = await startFaulty([slow, faulty("bad", { faults: ["no-start"] })]);
    const lines = async () => (await models(pool.gateway.data, "list", "--config", pool.gateway.file)).stdout;
    assert.match(await lines(), /\nslow +llama-server +not loaded +/);
    const answer = pool.stream("slow", { max_tokens: 100 });
    await until("it loads", lines, (text) => /\nslow +llama-server +loading [1-9]\d? % +/.test(text));
    await until("it answers", lines, (text) => /\nslow +llama-server +ready, 1 in use +/.test(text));
    assert.equal((await answer).error, undefined);
    await until("it is idle", lines, (text) => /\nslow +llama-server +idle +/.test(text));
    await assert.rejects(pool.ask("bad"));
    assert.match(await lines(), /\nbad +llama-server +failed +/);
    await pool.gateway.stop();
    assert.match(await lines(), /\nslow +llama-server +not running +/);
  });

  test("what is wrong: 1 with the field, 2 for the command line itself", async () => {
    const data = temporaryFolder();
    for (const [parameters, message] of [
      [["add", "/nowhere/x.gguf"], /file is "\/nowhere\/x.gguf"/],
      [["add", join(DEFAULT_DIRECTORY, "made-by")], /file cannot be used/],
      [["add", CHAIN, "--slots", "0"], /slots is 0/],
      [["remove", "nobody"], /no local model "nobody"/],
    ]) {
      const { code, stdout, stderr } = await models(data, ...parameters);
      assert.deepEqual([code, stdout], [1, ""], stderr);
      assert.match(stderr, message);
    }
    for (const parameters of [["add"], ["add", CHAIN, "--slots", "many"], ["add", CHAIN, "--engine", "command"], ["remove"], ["nonsense"]])
      assert.equal((await models(data, ...parameters)).code, 2, parameters.join(" "));
    assert.equal((await runToEnd(PUNCTUAL, ["models"])).code, 2);
    for (const command of ["add", "list", "remove", "discover"]) {
      const { code, stdout } = await runToEnd(PUNCTUAL, ["models", command, "--help"]);
      assert.deepEqual([code, stdout.includes("Usage: ")], [0, true]);
    }
    assert.match((await models(data, "list")).stderr, /no local models/);
  });

  test("one of the file is the file's to remove; a path is taken from where one stands", async () => {
    const data = temporaryFolder();
    const folder = temporaryFolder();
    copyFileSync(CHAIN, join(folder, "Tiny-Q8_0.gguf"));
    const config = configurationFile(fileModel("filed"));
    const run = (...parameters) => runToEnd("sh", ["-c", `cd ${folder} && exec "$@"`, "sh", PUNCTUAL, "models", ...parameters, "--data", data, "--config", config], { env: cleanEnvironment({ PATH: "/usr/bin:/bin" }) });
    const added = await run("add", "Tiny-Q8_0.gguf");
    assert.equal(added.code, 0);
    assert.match(added.stdout, /^Tiny-Q8_0 is added/);
    assert.match(added.stderr, /llama-server is not in the PATH. Get it with/);
    const refused = await run("remove", "filed");
    assert.deepEqual([refused.code, /configuration file/.test(refused.stderr)], [1, true]);
    const { stdout } = await run("list");
    assert.match(stdout, new RegExp(`filed .* file +${CHAIN}\n`));
    assert.match(stdout, new RegExp(`Tiny-Q8_0 .* stored +${join(folder, "Tiny-Q8_0.gguf")}\n`));
    assert.ok(existsSync(join(data, "punctual.db")));
  });
});
