// The documents of the two endpoints, member for member as llama-server sends them.

class Dialect {
  constructor(model, idPrefix) {
    this.head = {
      id: idPrefix + Math.random().toString(36).slice(2).padEnd(11, "0"),
      created: Math.floor(Date.now() / 1000),
      model,
      system_fingerprint: "punctual-test-engine",
    };
  }

  chunk(choices, members = {}) {
    return {choices, ...this.head, object: this.chunkObject, ...members};
  }

  usageChunk(usage) { return this.chunk([], {usage}); }

  answer(parts, usage, timings) {
    const choices = parts.map((part, index) => this.choice(index, part));
    return {choices, ...this.head, object: this.answerObject, usage, timings};
  }
}

export class ChatDialect extends Dialect {
  chunkObject = "chat.completion.chunk";
  answerObject = "chat.completion";

  constructor(model) { super(model, "chatcmpl-"); }

  #delta(delta, finishReason = null, members = {}) {
    return this.chunk([{finish_reason: finishReason, index: 0, delta}], members);
  }

  openingChunks() { return [this.#delta({role: "assistant", content: null})]; }
  progressChunk(progress) { return this.#delta({role: "assistant", content: null}, null, {prompt_progress: progress}); }
  textChunk(_index, text) { return this.#delta({content: text}); }
  endChunk(_index, finishReason, timings) { return this.#delta({}, finishReason, {timings}); }
  choice(index, {text, finishReason}) {
    return {finish_reason: finishReason, index, message: {role: "assistant", content: text}};
  }
}

export class CompletionDialect extends Dialect {
  chunkObject = "text_completion";
  answerObject = "text_completion";

  constructor(model) { super(model, "cmpl-"); }

  openingChunks() { return []; }
  progressChunk(progress) { return this.chunk([this.choice(0, {text: "", finishReason: null})], {prompt_progress: progress}); }
  textChunk(index, text) { return this.chunk([this.choice(index, {text, finishReason: null})]); }
  endChunk(index, finishReason, timings) {
    return this.chunk([this.choice(index, {text: "", finishReason})], {timings});
  }
  choice(index, {text, finishReason}) {
    return {text, index, logprobs: null, finish_reason: finishReason};
  }
}
