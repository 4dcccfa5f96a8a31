// The models as llama.cpp has them in memory. Nothing here knows of HTTP.

import {readdirSync} from "node:fs";
import {basename, join} from "node:path";

import {getLlama, TokenBias} from "./node_llama.mjs";

// A prefill can only be given up between two batches. 64 tokens of the slowest model take 70 ms.
const PREFILL_TOKENS = 64;

const EXTENSION = ".gguf";

/** Loads every .gguf in the directory: a Map from name to ChatModel or EmbeddingModel. */
export async function loadModels(directory, threads, slots) {
  return load(modelFiles(directory).map((file) => join(directory, file)), threads, slots);
}

/** The same with one file. */
export const loadModel = (path, threads, slots) => load([path], threads, slots);

async function load(paths, threads, slots) {
  const llama = await getLlama({
    gpu: false, build: "never", skipDownload: true, logLevel: "error", maxThreads: threads,
  });
  const models = new Map();
  for (const path of paths) {
    const model = await llama.loadModel({
      modelPath: path, gpuLayers: 0, ignoreMemorySafetyChecks: true,
    });
    const kind = model.fileInfo.metadata.general.architecture === "bert" ? EmbeddingModel : ChatModel;
    models.set(basename(path, EXTENSION), await kind.open(model, threads, slots));
  }
  return models;
}

function modelFiles(directory) {
  return readdirSync(directory).filter((name) => name.endsWith(EXTENSION)).sort();
}

function contextOptions(model, threads, batchSize) {
  return {
    contextSize: model.trainContextSize, batchSize, threads,
    ignoreMemorySafetyChecks: true, failedCreationRemedy: false,
  };
}

export const END_OF_TURN = Symbol("end of turn");

export class ChatModel {
  #model;
  #sequences;
  #goOn;

  static async open(model, threads, slots) {
    const options = {...contextOptions(model, threads, PREFILL_TOKENS * slots), sequences: slots};
    const context = await model.createContext(options);
    return new ChatModel(model, Array.from({length: slots}, () => context.getSequence()));
  }

  constructor(model, sequences) {
    this.#model = model;
    this.#sequences = sequences;
    // The library refuses to forbid the end of the turn; raising all others comes to the same.
    this.#goOn = new TokenBias(model.tokenizer).set([...model.iterateAllTokens()], {logit: 1000});
  }

  get contextSize() { return this.#sequences[0].contextSize; }

  /** messages: [{role, content: string}]. A last message of the assistant is continued. */
  tokensOfChat(messages) {
    const tokens = [this.#model.tokens.bos];
    const mark = (text) => tokens.push(...this.#model.tokenize(text, true));
    const plain = (text) => tokens.push(...this.#model.tokenize(text));
    const begin = (role) => { mark("<|im_start|>"); plain(`${role}\n`); };
    for (const [index, {role, content}] of messages.entries()) {
      begin(role);
      plain(content);
      if (role === "assistant" && index === messages.length - 1) return tokens;
      mark("<|im_end|>");
      plain("\n");
    }
    begin("assistant");
    return tokens;
  }

  tokensOfPrompt(prompt) {
    return [this.#model.tokens.bos, ...this.#model.tokenize(prompt)];
  }

  /**
   * Yields the text of one token after the other and END_OF_TURN if the model ends its turn; stops
   * after maxTokens or when the context is full. Throws the signal's reason soon after it is
   * aborted. onPrefill(tokensDone) is called after each batch of the prompt.
   */
  async* generate({slot, tokens, maxTokens, ignoreEnd, signal, onPrefill}) {
    const sequence = this.#sequences[slot];
    await sequence.clearHistory();
    for (let at = 0; at < tokens.length - 1; at += PREFILL_TOKENS) {
      signal.throwIfAborted();
      const end = Math.min(at + PREFILL_TOKENS, tokens.length - 1);
      await sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(at, end));
      onPrefill(end);
    }
    signal.throwIfAborted();
    let left = Math.min(maxTokens, this.contextSize - tokens.length);
    if (left <= 0) return;
    const options = {
      temperature: 0, yieldEogToken: true, tokenBias: ignoreEnd ? this.#goOn : undefined,
    };
    for await (const token of sequence.evaluate(tokens.slice(-1), options)) {
      signal.throwIfAborted();
      const ended = this.#model.isEogToken(token);
      yield ended ? END_OF_TURN : this.#model.detokenize([token]);
      if (ended || --left === 0) return;
    }
  }
}

export class EmbeddingModel {
  #context;
  #contextSize;

  static async open(model, threads) {
    const size = model.trainContextSize;
    const context = await model.createEmbeddingContext(contextOptions(model, threads, size));
    return new EmbeddingModel(context, size);
  }

  constructor(context, contextSize) {
    this.#context = context;
    this.#contextSize = contextSize;
  }

  get contextSize() { return this.#contextSize; }

  countTokens(text) { return this.#context.calculateInputLength(text); }

  /** A vector of length 1. */
  async embed(text) {
    const {vector} = await this.#context.getEmbeddingFor(text);
    const length = Math.hypot(...vector);
    return vector.map((value) => value / length);
  }
}
