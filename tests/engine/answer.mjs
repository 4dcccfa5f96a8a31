// Runs a generation in the slot and hands it to the client, streamed or whole.

import {setTimeout as delay} from "node:timers/promises";

import {END_OF_TURN} from "./loaded_models.mjs";
import {StopFilter} from "./stop_filter.mjs";

/** reply: {stream(), event(document), done(), json(document)}, see engine.mjs. */
export async function answer({request, model, slot, dialect, reply, signal, tokenDelayMs}) {
  const output = request.stream ? new StreamedOutput(request, dialect, reply)
                                : new WholeOutput(dialect, reply);
  output.begin();
  const clock = new Timings();
  const usage = {prompt: 0, completion: 0};
  for (const [index, tokens] of request.prompts.entries()) {
    usage.prompt += tokens.length;
    const turn = {
      slot, tokens, maxTokens: request.maxTokens, ignoreEnd: request.ignoreEnd, signal,
      onPrefill: (done) => output.prefilled(tokens.length, done, clock.elapsedMs()),
    };
    const filter = new StopFilter(request.stops);
    let finishReason = "length";
    for await (const token of model.generate(turn)) {
      clock.token();
      ++usage.completion;  // the token that ends the turn counts too, as in llama-server
      if (token !== END_OF_TURN) output.text(index, filter.push(token));
      if (token === END_OF_TURN || filter.stopped) {
        finishReason = "stop";
        break;
      }
      if (tokenDelayMs > 0) await delay(tokenDelayMs, undefined, {signal});
    }
    output.text(index, filter.flush());
    output.end(index, finishReason, clock.document(usage));
  }
  output.finish(usageDocument(usage), clock.document(usage));
}

function usageDocument({prompt, completion}) {
  return {
    completion_tokens: completion, prompt_tokens: prompt, total_tokens: prompt + completion,
    prompt_tokens_details: {cached_tokens: 0},
  };
}

class Timings {
  #start = performance.now();
  #firstTokenMs;

  elapsedMs() { return performance.now() - this.#start; }
  token() { this.#firstTokenMs ??= this.elapsedMs(); }

  document({prompt, completion}) {
    const total = this.elapsedMs();
    const promptMs = this.#firstTokenMs ?? total;
    return {
      prompt_n: prompt, prompt_ms: promptMs,
      predicted_n: completion, predicted_ms: total - promptMs,
    };
  }
}

class StreamedOutput {
  #request;
  #dialect;
  #reply;
  #opened = false;

  constructor(request, dialect, reply) {
    this.#request = request;
    this.#dialect = dialect;
    this.#reply = reply;
  }

  #open() {
    if (!this.#opened) this.#dialect.openingChunks().forEach((chunk) => this.#reply.event(chunk));
    this.#opened = true;
  }

  /** The head goes out when the slot is given, the first chunk with the first result. */
  begin() { this.#reply.stream(); }

  prefilled(total, processed, elapsedMs) {
    if (!this.#request.reportProgress) return;
    const progress = {total, cache: 0, processed, time_ms: Math.round(elapsedMs)};
    this.#reply.event(this.#dialect.progressChunk(progress));
  }

  text(index, text) {
    this.#open();
    if (text !== "") this.#reply.event(this.#dialect.textChunk(index, text));
  }

  end(index, finishReason, timings) {
    this.#reply.event(this.#dialect.endChunk(index, finishReason, timings));
  }

  finish(usage) {
    if (this.#request.includeUsage) this.#reply.event(this.#dialect.usageChunk(usage));
    this.#reply.done();
  }
}

class WholeOutput {
  #dialect;
  #reply;
  #parts = [];

  constructor(dialect, reply) {
    this.#dialect = dialect;
    this.#reply = reply;
  }

  begin() {}
  prefilled() {}
  text(index, text) {
    this.#parts[index] ??= {text: ""};
    this.#parts[index].text += text;
  }
  end(index, finishReason) { this.#parts[index].finishReason = finishReason; }
  finish(usage, timings) { this.#reply.json(this.#dialect.answer(this.#parts, usage, timings)); }
}
