// What a machine has already is found when somebody asks, told apart from what is none of it, and never added by itself.

import assert from "node:assert/strict";
import { once } from "node:events";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { DEFAULT_DIRECTORY, makeModels } from "../engine/models/make_models.mjs";
import { knownAnswer } from "../engine/known_answers.mjs";
import { cleanEnvironment, PUNCTUAL, runToEnd } from "./support/child.mjs";
import { temporaryFolder } from "./support/gateway.mjs";
import { pathWithLlamaServer } from "./support/llama_server.mjs";
import { startServer } from "./support/machine.mjs";
import { chat, startManaged } from "./support/management.mjs";
import { timed, until } from "./support/until.mjs";

const KINDS = ["ollama", "llama-server", "vllm", "lm-studio", "mlx-lm"];
const OTHERS = ["unknown", "website", "hanging", "talking"];
// One second a port, all at once; the rest is the machine's.
const LOOK_MS_MAX = 5000;
const PORT_MS = 1000;
makeModels(DEFAULT_DIRECTORY);
const engine = pathWithLlamaServer();

let servers;
let home;
let env;
let gateway;
let api;
const portOf = (kind) => servers[kind].port;
before(async () => {
  servers = Object.fromEntries(await Promise.all([...KINDS, ...OTHERS].map(async (kind) => [kind, await startServer(kind)])));
  home = temporaryFolder();
  mkdirSync(join(home, "models/tiny"), { recursive: true });
  copyFileSync(join(DEFAULT_DIRECTORY, "chain.gguf"), join(home, "models/tiny/Tiny Chain.gguf"));
  writeFileSync(join(home, "models/broken.gguf"), "no model");
  const ports = KINDS.filter((kind) => kind !== "ollama").concat(OTHERS).map(portOf);
  env = { PATH: engine.path, HOME: home, OLLAMA_HOST: `127.0.0.1:${portOf("ollama")}`, PUNCTUAL_DISCOVERY_PORTS: ports.join(","), PUNCTUAL_DISCOVERY_FOLDERS: "~/models" };
  gateway = await startManaged({ env });
  api = gateway.api;
});
after(async () => {
  await gateway?.stop();
  Object.values(servers ?? {}).forEach((server) => server.stop());
});

describe("by the API", () => {
  test("nobody is asked before somebody looks", async () => {
    await api.get("/api/settings/models");
    assert.deepEqual(Object.values(servers).flatMap((server) => server.asked), []);
  });

  test("who leaves ends the look: the ports are let go before their second is over", async () => {
    // Takes connections and says nothing.
    const lives = [];
    const silent = createServer((socket) => {
      const came = performance.now();
      socket.on("error", () => {}).on("close", () => lives.push(performance.now() - came)).resume();
    });
    await once(silent.listen(0, "127.0.0.1"), "listening");
    const other = await startManaged({ env: { ...env, OLLAMA_HOST: "127.0.0.1:1", PUNCTUAL_DISCOVERY_PORTS: String(silent.address().port) } });
    // Without an end at the hang-up each would live for a second; a busy machine may be late now and then.
    for (let round = 0; round < 5 && !lives.some((ms) => ms < PORT_MS / 2); ++round) {
      const request = httpRequest(`${other.url}/api/discovery`, { headers: other.api.identity }).on("error", () => {}).end();
      await once(silent, "connection");
      const ended = lives.length;
      request.destroy();
      await until("the port is let go", () => lives.length, (count) => count > ended);
    }
    assert.ok(lives.some((ms) => ms < PORT_MS / 2), String(lives));
    await other.stop();
    silent.close();
  });

  test("servers by what they say of themselves, within their second; others are not offered", async () => {
    const { value: found, ms } = await timed(() => api.get("/api/discovery"));
    assert.ok(ms < LOOK_MS_MAX, `${ms} ms`);
    const byKind = Object.fromEntries(found.servers.map((one) => [one.kind, one]));
    assert.deepEqual(Object.keys(byKind).sort(), [...KINDS].sort());
    for (const kind of KINDS) assert.deepEqual([byKind[kind].base_url, byKind[kind].added], [`http://127.0.0.1:${portOf(kind)}/v1`, false]);
    assert.deepEqual(KINDS.map((kind) => byKind[kind].version), ["0.12.3", "b6500-1a2b3c4", "0.11.0", "", ""]);
    assert.deepEqual(byKind["vllm"].models, ["Qwen/Qwen3-8B"]);
    assert.ok(Object.values(servers).flatMap((server) => server.asked).every((line) => line.startsWith("GET ")));
    assert.equal(found.programs.find((one) => one.engine === "llama-server").path, engine.program);
  });

  test("model files in the folders, with what they would take", async () => {
    const { files, folders, complete } = await api.get("/api/discovery");
    assert.deepEqual([folders, complete], [[join(home, "models")], true]);
    assert.deepEqual(files.map((one) => [one.path, one.model.name, one.added, one.fits]), [[join(home, "models/tiny/Tiny Chain.gguf"), "tiny-chain", false, true]]);
    assert.ok(files[0].memory_bytes > files[0].bytes);
  });

  test("nothing was added by looking; what is added is what was offered, and is said to be there", async () => {
    assert.deepEqual((await api.get("/api/settings/models")).models, []);
    assert.deepEqual((await api.get("/api/settings/providers")).providers.map((one) => one.name), ["sim"]);
    const before = await api.get("/api/discovery");
    for (const one of before.servers) await api.post("/api/settings/providers", one.provider);
    await api.post("/api/settings/models", before.files[0].model);
    const { data } = await (await fetch(`${gateway.url}/v1/models`)).json();
    for (const id of ["ollama/llama3.2:latest", "vllm/Qwen/Qwen3-8B", "tiny-chain"]) assert.ok(data.some((one) => one.id === id), id);
    const answer = await chat(gateway.url, "tiny-chain", { more: { max_tokens: 3 } });
    assert.equal(answer.body.choices[0].message.content, knownAnswer({ maxTokens: 3 }).text);
    const after = await api.get("/api/discovery");
    assert.ok([...after.servers, ...after.files].every((one) => one.added));
  });
});

test("OLLAMA_HOST on another machine is not asked; a port of the gateway's own neither", async () => {
  const own = await startManaged({ env: { HOME: home, OLLAMA_HOST: "192.0.2.1:11434", PUNCTUAL_DISCOVERY_PORTS: String(portOf("vllm")), PUNCTUAL_DISCOVERY_FOLDERS: "/nonexistent" } });
  const found = await own.api.get("/api/discovery");
  assert.deepEqual([found.ports, found.folders, found.files], [[portOf("vllm")], [], []]);
  await own.stop();
});

test("punctual models discover: what there is, with what to type next; adds nothing", async () => {
  const data = temporaryFolder();
  const run = (...words) => runToEnd(PUNCTUAL, ["models", ...words, "--data", data], { env: cleanEnvironment(env) });
  const { code, stdout } = await run("discover");
  assert.equal(code, 0);
  assert.match(stdout, new RegExp(`Ollama 0\\.12\\.3 at http://127\\.0\\.0\\.1:${portOf("ollama")}/v1, 1 models\n`));
  assert.match(stdout, /name = "ollama"\n +preset = "ollama"/);
  assert.ok(!stdout.includes(`:${portOf("unknown")}/`) && !stdout.includes(`:${portOf("website")}/`));
  const [, command] = /\n +punctual models add (.*)\n/.exec(stdout);
  assert.equal(command, `'${join(home, "models/tiny/Tiny Chain.gguf")}' --name tiny-chain`);
  assert.match((await run("list")).stderr, /no local models/);
  assert.equal((await run("add", join(home, "models/tiny/Tiny Chain.gguf"), "--name", "tiny-chain")).code, 0);
  assert.match((await run("discover")).stdout, /Tiny Chain\.gguf .*\(added already\)\n/);
});
