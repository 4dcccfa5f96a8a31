// A fake engine that misbehaves as real ones were seen to: llama-server's faults, one switch each. Answers are those of
// the chain model (known_answers.mjs). For what a real llama.cpp cannot be made to show. See README.md.

import {appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {createServer} from "node:http";
import {join} from "node:path";
import {parseArgs} from "node:util";

import {word} from "./known_answers.mjs";

const {values: options} = parseArgs({
  strict: false,  // llama-server's own flags are for llama-server
  options: {
    "host": {type: "string"},  // a socket's path
    "slots": {type: "string", default: "1"},
    "load-ms": {type: "string", default: "0"},        // listens at once, answers 503 until then
    "load-mib": {type: "string", default: "0"},       // of memory, taken step by step while it loads
    "prompt-ms": {type: "string", default: "0"},      // of each prompt, in steps of 20 ms
    "token-delay-ms": {type: "string", default: "1"},
    "fault": {type: "string", multiple: true, default: []},
    "journal": {type: "string"},                      // a line of JSON for each thing that happens
    "memory-folder": {type: "string"},                // shared by engines that share a memory of
    "memory-total": {type: "string", default: "0"},
    "memory": {type: "string", default: "0"},
  },
});
// "name" or "name=value".
const faults = new Map(options.fault.map((text) => { const [name, value] = text.split("="); return [name, value ?? true]; }));
const number = (name) => Number(faults.get(name));

const journal = (event, more = {}) => {
  if (options.journal) appendFileSync(options.journal, JSON.stringify({pid: process.pid, event, ...more}) + "\n");
};
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

if (faults.has("no-start")) {
  console.error("error: invalid argument: --no-such-flag");
  process.exit(1);
}
if (options["memory-folder"]) {
  // Who has died without a word has left its file.
  mkdirSync(options["memory-folder"], {recursive: true});
  const alive = readdirSync(options["memory-folder"]).filter((pid) => { try { process.kill(Number(pid), 0); return true; } catch { return false; } });
  const used = alive.reduce((sum, pid) => sum + Number(readFileSync(join(options["memory-folder"], pid), "utf8")), 0);
  if (used + Number(options.memory) > Number(options["memory-total"])) {
    journal("out of memory");
    console.error("ggml_backend_cpu_buffer_type_alloc_buffer: failed to allocate buffer of size 1234567890");
    console.error("llama_init_from_model: failed to initialize the context");
    process.exit(1);
  }
  writeFileSync(join(options["memory-folder"], String(process.pid)), options.memory);
}
const leaveMemory = () => options["memory-folder"] && rmSync(join(options["memory-folder"], String(process.pid)), {force: true});

let loaded = false;
const weights = [];
let running = 0;   // requests in slots
let served = 0;
const queue = [];  // without a bound, a deadline or a look at who is still there
const slots = Number(options.slots);

const acquire = async () => {
  if (running >= slots) {
    journal("queued", {running});
    await new Promise((resolve) => queue.push(resolve));
  }
  ++running;
};
const release = () => {
  --running;
  queue.shift()?.();
};

// Whether the engine notices, in this phase, that the client has gone.
const heeds = (phase, body) => {
  if (faults.has("never-frees")) return false;
  if (phase === "prompt" && faults.has("deaf-in-prompt")) return body.return_progress === true;
  if (!body.stream && faults.has("deaf-when-not-streamed")) return false;
  return true;
};

const chunk = (body, delta, finish = null, more = {}) =>
  `data: ${JSON.stringify({id: "chatcmpl-f", object: "chat.completion.chunk", created: 1, model: body.model, choices: [{index: 0, delta, finish_reason: finish}], ...more})}\n\n`;

async function generate(body, response, gone) {
  await acquire();
  ++served;
  journal("started", {running});
  try {
    let said = "";
    if (body.stream) {
      response.writeHead(200, {"Content-Type": "text/event-stream"});  // when the slot starts, not when the request came
      response.flushHeaders();
    }
    const open = (more) => body.stream && response.write(chunk(body, {role: "assistant", content: null}, null, more));
    const total = Number(options["prompt-ms"]);
    for (let done = 0; done < total; done += 20) {
      await sleep(20);
      if (gone() && heeds("prompt", body)) return;
      if (body.return_progress) open({prompt_progress: {total, cache: 0, processed: done + 20, time_ms: done}});
    }
    if (faults.has("silent")) return void (await new Promise(() => {}));
    const count = body.max_tokens ?? 32;
    for (let at = 0; at < count; ++at) {
      await sleep(Number(options["token-delay-ms"]));
      if (gone() && heeds("answer", body)) {
        if (faults.has("frees-after-ms")) await sleep(number("frees-after-ms"));
        return;
      }
      if (at === number("dies-after")) process.kill(process.pid, "SIGKILL");
      if (at === number("error-after")) return void response.end('data: {"error":{"code":500,"message":"slot unavailable","type":"server_error"}}\n\n');
      if (at === 0) open();
      said += ` ${word(at)}`;
      if (body.stream) response.write(chunk(body, {content: ` ${word(at)}`}));
    }
    while (faults.has("never-frees") && gone()) await sleep(1000);  // a dead job that goes on for ever
    const usage = {prompt_tokens: 1, completion_tokens: count, total_tokens: count + 1};
    if (!body.stream) {
      response.end(JSON.stringify({id: "chatcmpl-f", object: "chat.completion", created: 1, model: body.model, choices: [{index: 0, message: {role: "assistant", content: said}, finish_reason: "length"}], usage}));
      return;
    }
    response.write(chunk(body, {}, "length", {timings: {prompt_n: 1, predicted_n: count}}));
    if (body.stream_options?.include_usage) response.write(`data: ${JSON.stringify({id: "chatcmpl-f", object: "chat.completion.chunk", created: 1, model: body.model, choices: [], usage})}\n\n`);
    response.end("data: [DONE]\n\n");
  } finally {
    release();
    journal("ended", {running});
  }
}

async function handle(request, response) {
  let left = false;
  response.on("close", () => { left = !response.writableFinished; });
  const json = (document, status = 200) => {
    response.writeHead(status, {"Content-Type": "application/json"});
    response.end(JSON.stringify(document));
  };
  if (!loaded) return json({error: {message: "Loading model", type: "unavailable_error", code: 503}}, 503);
  const busy = running > 0;
  if (request.url === "/slots") {
    if (faults.has("slots-silent") && busy) return undefined;  // as /health of one that computes
    if (faults.has("no-slots")) return json({error: {message: "This server does not support slots endpoint.", type: "not_supported_error", code: 501}}, 501);
    return json(Array.from({length: slots}, (_, id) => ({id, is_processing: id < running})));
  }
  if (request.url === "/v1/models") return json({object: "list", data: [{id: "any", object: "model"}]});
  let text = "";
  for await (const piece of request) text += piece;
  let body;
  try {
    body = JSON.parse(text);
  } catch (error) {
    return json({error: {code: 500, message: `[json.exception.parse_error] ${error.message}`, type: "server_error"}}, 500);
  }
  if (request.url === "/v1/rerank") {
    const results = body.documents.map((document, index) => ({index, relevance_score: document.length})).sort((a, b) => b.relevance_score - a.relevance_score);
    return json({model: body.model, object: "list", usage: {prompt_tokens: 9, total_tokens: 9}, results});
  }
  return generate(body, response, () => left);
}

let terms = 0;
process.on("SIGTERM", () => {
  ++terms;
  journal("term", {running, terms});
  if (faults.has("ignores-terms")) return;
  if (running > 0 && terms === 1 && faults.has("waits-when-busy")) return;
  leaveMemory();
  process.exit(0);
});
process.stdin.on("error", () => {});

const server = createServer({requestTimeout: 0}, (request, response) => void handle(request, response).catch((error) => console.error(error)));
server.on("error", (error) => {
  console.error(`couldn't bind HTTP server socket: ${error.message}`);
  process.exit(1);
});
server.listen(options.host, async () => {
  console.log(`listening on ${options.host}`);
  journal("up");
  if (faults.has("hangs-loading")) return;
  const step = Number(options["load-mib"]) * 1024 * 1024 / (Number(options["load-ms"]) / 100);
  for (let passed = 0; passed < Number(options["load-ms"]); passed += 100) {
    console.log(`load_tensors: ${passed}`);
    if (step) weights.push(Buffer.alloc(step, 1));
    await sleep(100);
  }
  loaded = true;
});
process.on("exit", () => journal("down", {served}));
