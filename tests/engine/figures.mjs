// What the gateway costs in front of a local engine, and how long a change of models takes. Prints figures; no test.
//
//   PUNCTUAL=build/release/punctual node tests/engine/figures.mjs [rounds]
//   LLAMA_SERVER=.../llama-server ...      the same with that engine, and its router mode beside it
//
// The engine is the same process in both cases: asked directly on its socket, and through the gateway, in turn.

import {spawn} from "node:child_process";
import {readFileSync} from "node:fs";
import {request} from "node:http";
import {availableParallelism} from "node:os";
import {join} from "node:path";
import {fileURLToPath} from "node:url";

import {startGateway} from "../e2e/support/gateway.mjs";
import {ADMIN_TOKEN, withToken} from "../e2e/support/management.mjs";
import {until} from "../e2e/support/until.mjs";
import {DEFAULT_DIRECTORY, makeModels} from "./models/make_models.mjs";

const ROUNDS = Number(process.argv[2] ?? 40);
const TOKENS = 400;
// All cores would leave none for the gateway and the client, which on a machine of two is most of what is measured.
const THREADS = Math.max(1, availableParallelism() - 1);
const OURS = [process.execPath, fileURLToPath(new URL("engine.mjs", import.meta.url)), "--exit-with-stdin"];
const command = process.env.LLAMA_SERVER ? [process.env.LLAMA_SERVER] : OURS;
const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];

// {first, total} in milliseconds, and the number of content events, of one streamed chat.
function ask(target, model, tokens) {
  const body = JSON.stringify({model, stream: true, ignore_eos: true, max_tokens: tokens, messages: [{role: "user", content: "hello"}]});
  return new Promise((resolve, reject) => {
    const started = performance.now();
    let first;
    let events = 0;
    const call = request({...target, agent: false, method: "POST", path: "/v1/chat/completions", headers: {"Content-Type": "application/json", "Content-Length": Buffer.byteLength(body)}}, (response) => {
      response.setEncoding("utf8");
      let rest = "";
      response.on("data", (text) => {
        const parts = (rest + text).split("\n\n");
        rest = parts.pop();
        for (const part of parts) {
          if (!/"content":" w/.test(part)) continue;
          first ??= performance.now() - started;
          ++events;
        }
      });
      response.on("end", () => resolve({first, total: performance.now() - started, events}));
    });
    call.on("error", reject);
    call.end(body);
  });
}

function compare(title, direct, through) {
  const value = (list, what) => median(list.map(what));
  const rate = (one) => (one.events - 1) / (one.total - one.first) * 1000;
  const rows = [["first token, ms", (one) => one.first], ["tokens a second", rate], ["whole answer, ms", (one) => one.total]];
  console.log(`${title}: medians of ${direct.length} rounds of ${TOKENS} tokens`);
  for (const [name, what] of rows) {
    const [a, b] = [value(direct, what), value(through, what)];
    console.log(`  ${name.padEnd(18)} direct ${a.toFixed(2)}   through the gateway ${b.toFixed(2)}   ${((b / a - 1) * 100).toFixed(2)} %`);
  }
}

const model = (name) => `[[models]]\nname = "${name}"\nengine = "llama-server"\nfile = "${join(DEFAULT_DIRECTORY, `${name}.gguf`)}"\ncontext = 2048\nmemory = "250MiB"\ncommand = ${JSON.stringify(command)}\n${process.env.LLAMA_SERVER ? `arguments = ["--threads", "${THREADS}"]\n` : ""}`;

async function gatewayFigures() {
  const gateway = await startGateway({config: `[pool]\nmemory_limit = "300MiB"\nminimum_resident_seconds = 0\n${model("chain")}${model("chain-slow")}`, env: {PUNCTUAL_ADMIN_TOKEN: ADMIN_TOKEN}});
  const api = withToken(gateway.url);
  const {hostname, port} = new URL(gateway.url);
  const through = {hostname, port};
  for (const name of ["chain", "chain-slow"]) {
    await ask(through, name, 5);
    const {pid} = (await api.get("/api/pool")).models.find((one) => one.model === name);
    const direct = {socketPath: await socketOf(pid)};
    const samples = [[], []];
    for (let round = 0; round < ROUNDS; ++round) {
      const order = round % 2 ? [0, 1] : [1, 0];
      for (const which of order) samples[which].push(await ask(which ? through : direct, name, TOKENS));
    }
    compare(name, ...samples);
  }
  const switches = [];
  for (let round = 0; round < 10; ++round) switches.push((await ask(through, round % 2 ? "chain-slow" : "chain", 1)).first);
  console.log(`change of models, to the first token of the other: median ${median(switches).toFixed(0)} ms of ${switches.map((ms) => ms.toFixed(0)).join(" ")}`);
  await gateway.stop();
}

async function socketOf(pid) {
  const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  return words[words.indexOf("--host") + 1];
}

async function routerFigures() {
  const port = 18099;
  const router = spawn(process.env.LLAMA_SERVER, ["--models-dir", DEFAULT_DIRECTORY, "--models-max", "1", "-c", "2048", "-np", "1", "--threads", String(THREADS), "--port", String(port)], {stdio: "ignore"});
  const target = {hostname: "127.0.0.1", port};
  await until("the router answers", () => fetch(`http://127.0.0.1:${port}/health`).then((one) => one.ok, () => false), Boolean, 60_000);
  const switches = [];
  for (let round = 0; round < 10; ++round) {
    const {first} = await ask(target, round % 2 ? "chain-slow" : "chain", 1);
    if (first !== undefined) switches.push(first);
  }
  console.log(`the same in llama-server's router mode: median ${median(switches)?.toFixed(0)} ms of ${switches.map((ms) => ms.toFixed(0)).join(" ")}`);
  router.kill("SIGKILL");
}

makeModels(DEFAULT_DIRECTORY);
await gatewayFigures();
if (process.env.LLAMA_SERVER) await routerFigures();
process.exit(0);
