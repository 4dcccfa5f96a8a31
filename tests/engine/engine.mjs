// An OpenAI-compatible server around llama.cpp: slots that are one batch, a FIFO queue, and a client's hang-up
// that frees the slot at once, wherever the request is. See README.md.

import {createServer} from "node:http";
import {resolve} from "node:path";
import {parseArgs} from "node:util";

import {answer} from "./answer.mjs";
import {ChatDialect, CompletionDialect} from "./dialect.mjs";
import {EngineError, invalidRequest, serverError} from "./engine_error.mjs";
import {chatRequest, completionRequest} from "./generation_request.mjs";
import {ChatModel, EmbeddingModel, loadModel, loadModels} from "./loaded_models.mjs";
import {DEFAULT_DIRECTORY, makeModels} from "./models/make_models.mjs";
import {Slots} from "./slots.mjs";

const BODY_BYTES_MAX = 64 << 20;

const {values: options} = parseArgs({
  strict: false,  // llama-server's other flags are accepted, so that the gateway's preset can start this one
  options: {
    "port": {type: "string", default: "0"},
    "socket": {type: "string"},
    "host": {type: "string"},  // a socket's path, as llama-server takes it
    "models": {type: "string", default: DEFAULT_DIRECTORY},
    "file": {type: "string", short: "m"},  // this model alone
    "threads": {type: "string", default: "1"},
    "slots": {type: "string", default: "1"},
    "token-delay-ms": {type: "string", default: "0"},
    "exit-with-stdin": {type: "boolean", default: false},
  },
});

class Reply {
  #response;

  constructor(response) { this.#response = response; }

  json(document, status = 200) {
    const body = JSON.stringify(document);
    this.#response.writeHead(status, {
      "Content-Type": "application/json; charset=utf-8", "Content-Length": Buffer.byteLength(body),
    });
    this.#response.end(body);
  }

  stream() {
    this.#response.writeHead(200, {"Content-Type": "text/event-stream", "Cache-Control": "no-cache"});
    this.#response.flushHeaders();
  }

  /** Doesn't wait for a slow reader: the slot must not depend on it, as in llama-server. */
  event(document) { this.#response.write(`data: ${JSON.stringify(document)}\n\n`); }

  done() { this.#response.end("data: [DONE]\n\n"); }

  error(error) {
    const {status, document} = error instanceof EngineError ? error : serverError(error.message);
    if (!this.#response.headersSent) return this.json(document, status);
    this.event(document);
    this.#response.end();
  }
}

async function readJson(request) {
  const pieces = [];
  let bytes = 0;
  for await (const piece of request) {
    bytes += piece.length;
    if (bytes > BODY_BYTES_MAX) throw invalidRequest("the body is too large");
    pieces.push(piece);
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString("utf8"));
  } catch (error) {
    throw serverError(error.message);  // 500, as llama-server says it
  }
}

class Engine {
  #models;
  #slots;
  #tokenDelayMs;
  #routes = {
    "GET /health": (_request, reply) => reply.json({status: "ok"}),
    "GET /stats": (_request, reply) => reply.json(this.#slots.stats),
    "GET /slots": (_request, reply) => reply.json(this.#slots.list),
    "GET /v1/models": (_request, reply) => reply.json(this.#modelList()),
    "POST /v1/chat/completions": (...call) => this.#generate(ChatDialect, chatRequest, ...call),
    "POST /v1/completions": (...call) => this.#generate(CompletionDialect, completionRequest, ...call),
    "POST /v1/embeddings": (...call) => this.#embed(...call),
  };

  constructor(models, slots, tokenDelayMs) {
    this.#models = models;
    this.#slots = new Slots(slots);
    this.#tokenDelayMs = tokenDelayMs;
  }

  async handle(request, response) {
    const hangUp = new AbortController();
    response.on("close", () => { if (!response.writableFinished) hangUp.abort(); });
    const reply = new Reply(response);
    try {
      const path = request.url.split("?")[0];
      const route = this.#routes[`${request.method} ${path}`];
      if (!route) throw new EngineError(404, "not_found_error", "File Not Found");
      await route(request, reply, hangUp.signal);
    } catch (error) {
      if (!hangUp.signal.aborted) reply.error(error);
    }
  }

  #modelList() {
    const data = [...this.#models].map(([id, model]) => ({
      id, object: "model", created: 0, owned_by: "llamacpp", meta: {n_ctx_train: model.contextSize},
    }));
    return {object: "list", data};
  }

  #model(name) {
    const model = this.#models.get(name);
    if (!model) throw new EngineError(404, "not_found_error", `model '${name}' not found`);
    return model;
  }

  async #generate(Dialect, parse, request, reply, signal) {
    const body = await readJson(request);
    const model = this.#model(body.model);
    if (!(model instanceof ChatModel)) throw serverError("this model makes embeddings only");
    const task = parse(body, model);
    await this.#slots.run(signal, (slot) => answer({
      request: task, model, slot, dialect: new Dialect(body.model), reply, signal,
      tokenDelayMs: this.#tokenDelayMs,
    }));
  }

  async #embed(request, reply, signal) {
    const body = await readJson(request);
    const model = this.#model(body.model);
    if (!(model instanceof EmbeddingModel)) {
      throw new EngineError(501, "not_supported_error", "this model does not make embeddings");
    }
    const inputs = [body.input].flat();
    if (inputs.length === 0 || !inputs.every((input) => typeof input === "string")) {
      throw invalidRequest("'input' must be a string or a list of strings");
    }
    const counts = inputs.map((input) => model.countTokens(input));
    const tooLarge = counts.find((count) => count > model.contextSize);
    if (tooLarge) throw serverError(`input (${tooLarge} tokens) is too large to process`);
    await this.#slots.run(signal, async () => {
      const data = [];
      for (const [index, input] of inputs.entries()) {
        signal.throwIfAborted();
        const vector = await model.embed(input);
        const embedding = body.encoding_format === "base64" ? base64(vector) : vector;
        data.push({object: "embedding", index, embedding});
      }
      signal.throwIfAborted();
      const tokens = counts.reduce((sum, count) => sum + count, 0);
      const usage = {prompt_tokens: tokens, total_tokens: tokens};
      reply.json({object: "list", model: body.model, data, usage});
    });
  }
}

function base64(vector) {
  return Buffer.from(Float32Array.from(vector).buffer).toString("base64");
}

for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => process.exit(0));
if (options["exit-with-stdin"]) process.stdin.on("end", () => process.exit(0)).resume();

const directory = resolve(options.models);
if (!options.file) makeModels(directory);
const models = options.file
  ? await loadModel(resolve(options.file), Number(options.threads), Number(options.slots))
  : await loadModels(directory, Number(options.threads), Number(options.slots));
const engine = new Engine(models, Number(options.slots), Number(options["token-delay-ms"]));
const server = createServer({requestTimeout: 0}, (...exchange) => engine.handle(...exchange));
const socket = options.socket ?? options.host;
if (socket) {
  server.listen(socket, () => console.log(`listening on ${socket}`));
} else {
  server.listen(Number(options.port), "127.0.0.1", () => {
    console.log(`listening on http://127.0.0.1:${server.address().port}`);
  });
}
