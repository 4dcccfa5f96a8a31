import assert from "node:assert/strict";
import {after, before, describe, test} from "node:test";
import {setTimeout as delay} from "node:timers/promises";

import {EMBEDDING_LENGTH, knownAnswer, knownPromptTokens, knownText} from "./known_answers.mjs";
import {startEngine} from "./start.mjs";

const FREED_MS_MAX = 500;
const ANSWER_MS_MAX = 20_000;
const HELLO = [{role: "user", content: "hello"}];

function post(engine, path, body, signal = AbortSignal.timeout(ANSWER_MS_MAX)) {
  return fetch(engine.url + path, {
    method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body), signal,
  });
}

async function postJson(engine, path, body, status = 200) {
  const response = await post(engine, path, body);
  assert.equal(response.status, status);
  return response.json();
}

const chat = (engine, members) =>
  postJson(engine, "/v1/chat/completions", {model: "chain", messages: HELLO, ...members});

/** The data of every event, parsed but for "[DONE]". */
async function events(response) {
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  const lines = (await response.text()).split("\n\n");
  assert.equal(lines.pop(), "");
  return lines.map((line) => {
    assert.match(line, /^data: /);
    return line === "data: [DONE]" ? "[DONE]" : JSON.parse(line.slice("data: ".length));
  });
}

/** Starts a request, calls `untilThen`, hangs up, and checks that the engine is free soon. */
async function hangUp(engine, path, body, untilThen) {
  const {aborted} = await engine.stats();
  const controller = new AbortController();
  const request = post(engine, path, body, controller.signal)
    .then((response) => response.text());
  const rejected = assert.rejects(request, {name: "AbortError"});
  try {
    await untilThen();
  } finally {
    controller.abort();
  }
  await rejected;
  const stats = await engine.statsWhen((now) => now.aborted === aborted + 1);
  assert.ok(stats.last_cancel_to_free_ms < FREED_MS_MAX, `${stats.last_cancel_to_free_ms} ms`);
  return stats;
}

describe("answers", () => {
  let engine;
  before(async () => { engine = await startEngine(); });
  after(() => engine.stop());

  test("the models are listed and the engine is healthy", async () => {
    assert.deepEqual(await (await fetch(`${engine.url}/health`)).json(), {status: "ok"});
    const {data} = await (await fetch(`${engine.url}/v1/models`)).json();
    assert.deepEqual(data.map(({id}) => id).sort(), ["chain", "chain-endless", "chain-slow", "embed"]);
  });

  test("a chat is answered with the known words, and ends", async () => {
    const {choices, usage} = await chat(engine);
    const known = knownAnswer();
    assert.deepEqual(choices, [{
      finish_reason: "stop", index: 0, message: {role: "assistant", content: known.text},
    }]);
    assert.match(known.text, /^ w000 w001 .* w031$/);
    assert.equal(usage.completion_tokens, known.completionTokens);
    assert.equal(usage.prompt_tokens, knownPromptTokens(HELLO));
    assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
  });

  for (const maxTokens of [0, 1, 7, 31, 32, 33]) {
    test(`max_tokens ${maxTokens} of a model that ends after 32`, async () => {
      const {choices: [choice], usage} = await chat(engine, {max_tokens: maxTokens});
      const known = knownAnswer({maxTokens});
      assert.equal(choice.message.content, known.text);
      assert.equal(choice.finish_reason, known.finishReason);
      assert.equal(usage.completion_tokens, known.completionTokens);
    });
  }

  for (const members of [{model: "chain-endless"}, {ignore_eos: true}]) {
    test(`${JSON.stringify(members)} goes on past the end, and round`, async () => {
      const {choices: [choice], usage} = await chat(engine, {max_tokens: 300, ...members});
      assert.equal(choice.message.content, knownText(300));
      assert.equal(choice.finish_reason, "length");
      assert.equal(usage.completion_tokens, 300);
    });
  }

  test("the slow model has the same answers", async () => {
    const {choices: [choice]} = await chat(engine, {model: "chain-slow", max_tokens: 5});
    assert.equal(choice.message.content, knownText(5));
  });

  test("an endless answer ends when the context is full", async () => {
    const messages = [{role: "user", content: "x".repeat(4000)}];
    const {choices: [choice], usage} = await chat(engine, {model: "chain-endless", messages});
    assert.equal(usage.total_tokens, 4096);
    assert.equal(choice.message.content, knownText(4096 - knownPromptTokens(messages)));
    assert.equal(choice.finish_reason, "length");
  });

  test("a last message of the assistant is continued", async () => {
    const messages = [...HELLO, {role: "assistant", content: " w040"}];
    const {choices: [choice]} = await chat(engine, {messages, max_tokens: 3});
    assert.equal(choice.message.content, knownText(3, 41));
  });

  test("completions, one prompt and several", async () => {
    const ask = (prompt) =>
      postJson(engine, "/v1/completions", {model: "chain", prompt, max_tokens: 4});
    const one = await ask("go on: w010");
    assert.equal(one.object, "text_completion");
    assert.deepEqual(one.choices.map(({text}) => text), [knownText(4, 11)]);
    const two = await ask(["a", "b w127"]);
    assert.deepEqual(two.choices.map(({index, text}) => [index, text]),
                     [[0, knownText(4)], [1, knownText(4, 0)]]);
    assert.equal(two.usage.completion_tokens, 8);
  });

  test("a stop string ends the answer before it, also across tokens", async () => {
    for (const stop of [" w003", ["nothing", "2 w003"]]) {
      const {choices: [choice]} = await chat(engine, {stop});
      assert.equal(choice.finish_reason, "stop");
      assert.equal(choice.message.content, stop === " w003" ? knownText(3) : " w000 w001 w00");
    }
  });

  test("a stream of a chat: role, one token a chunk, reason, usage, [DONE]", async () => {
    const all = await events(await post(engine, "/v1/chat/completions", {
      model: "chain", messages: HELLO, max_tokens: 5, stream: true,
      stream_options: {include_usage: true},
    }));
    const [first, ...rest] = all;
    const [end, usage, done] = rest.splice(-3);
    assert.deepEqual(first.choices[0].delta, {role: "assistant", content: null});
    assert.deepEqual(rest.map(({choices}) => choices[0].delta.content),
                     [" w000", " w001", " w002", " w003", " w004"]);
    assert.ok(rest.every(({choices}) => choices[0].finish_reason === null));
    assert.deepEqual(end.choices[0], {finish_reason: "length", index: 0, delta: {}});
    assert.equal(end.timings.predicted_n, 5);
    assert.deepEqual(usage.choices, []);
    assert.equal(usage.usage.completion_tokens, 5);
    assert.equal(usage.usage.prompt_tokens, knownPromptTokens(HELLO));
    assert.equal(done, "[DONE]");
    assert.equal(new Set(all.slice(0, -1).map(({id}) => id)).size, 1);
  });

  test("a stream without include_usage has no usage; a stop string is never sent", async () => {
    const all = await events(await post(engine, "/v1/chat/completions", {
      model: "chain", messages: HELLO, stream: true, stop: "1 w002",
    }));
    assert.equal(all.at(-1), "[DONE]");
    assert.ok(all.slice(0, -1).every((chunk) => !("usage" in chunk)));
    const text = all.slice(1, -2).map(({choices}) => choices[0].delta.content).join("");
    assert.equal(text, " w000 w00");
  });

  test("a stream of a completion", async () => {
    const all = await events(await post(engine, "/v1/completions", {
      model: "chain", prompt: "x", max_tokens: 3, stream: true, stream_options: {include_usage: true},
    }));
    assert.equal(all.slice(0, 3).map(({choices}) => choices[0].text).join(""), knownText(3));
    assert.equal(all[3].choices[0].finish_reason, "length");
    assert.equal(all[4].usage.completion_tokens, 3);
    assert.equal(all[5], "[DONE]");
  });

  test("return_progress reports the prefill", async () => {
    const messages = [{role: "user", content: "x".repeat(500)}];
    const all = await events(await post(engine, "/v1/chat/completions", {
      model: "chain", messages, max_tokens: 1, stream: true, return_progress: true,
    }));
    const progress = all.map((chunk) => chunk.prompt_progress).filter(Boolean);
    assert.ok(progress.length > 2);
    assert.equal(progress.at(-1).total, knownPromptTokens(messages));
  });

  test("many at once are answered in turn, none mixed with another", async () => {
    const starts = Array.from({length: 8}, (_, i) => 10 * i);
    await Promise.all(starts.map(async (start) => {
      const prompt = `a w${String(start).padStart(3, "0")}`;
      const {choices} = await postJson(engine, "/v1/completions",
                                       {model: "chain-endless", prompt, max_tokens: 20});
      assert.equal(choices[0].text, knownText(20, start + 1));
    }));
  });

  test("embeddings: dimension, length 1, the same each time, usage, base64", async () => {
    const embed = (members) => postJson(engine, "/v1/embeddings", {model: "embed", ...members});
    const {data, usage} = await embed({input: ["the cat", "the dog", "the cat"]});
    assert.deepEqual(data.map(({index}) => index), [0, 1, 2]);
    assert.ok(data.every(({embedding}) => embedding.length === EMBEDDING_LENGTH));
    assert.ok(Math.abs(Math.hypot(...data[0].embedding) - 1) < 1e-6);
    assert.deepEqual(data[0].embedding, data[2].embedding);
    assert.notDeepEqual(data[0].embedding, data[1].embedding);
    assert.deepEqual(usage, {prompt_tokens: 12, total_tokens: 12});  // 2 words, [CLS], [SEP]

    const single = await embed({input: "the cat", encoding_format: "base64"});
    const bytes = new Uint8Array(Buffer.from(single.data[0].embedding, "base64"));
    const vector = [...new Float32Array(bytes.buffer)];
    assert.deepEqual(vector, [...Float32Array.from(data[0].embedding)]);
  });

  test("faults of the client, as llama-server answers them", async () => {
    const type = async (path, body, status) => (await postJson(engine, path, body, status)).error.type;
    const path = "/v1/chat/completions";
    const long = [{role: "user", content: "x".repeat(5000)}];
    const image = [{role: "user", content: [{type: "image_url", image_url: {url: "data:,"}}]}];
    assert.equal(await type(path, {model: "chain"}, 400), "invalid_request_error");
    assert.equal(await type(path, {model: "chain", messages: long}, 400), "exceed_context_size_error");
    assert.equal(await type(path, {model: "chain", messages: image}, 500), "server_error");
    assert.equal(await type(path, {model: "embed", messages: HELLO}, 500), "server_error");
    assert.equal(await type(path, {model: "none", messages: HELLO}, 404), "not_found_error");
    assert.equal(await type("/v1/embeddings", {model: "chain", input: "x"}, 501), "not_supported_error");
    const malformed = await fetch(engine.url + path, {method: "POST", body: "{"});
    assert.equal(malformed.status, 500);
  });

  test("a hang-up in a prefill frees the slot", async () => {
    const {started} = await engine.stats();
    const messages = [{role: "user", content: "x".repeat(8000)}];
    await hangUp(engine, "/v1/chat/completions", {model: "chain-slow", messages, stream: true},
                 () => engine.statsWhen((now) => now.started === started + 1));
  });

  for (const stream of [false, true]) {
    test(`a hang-up in a decode at full speed frees the slot, stream: ${stream}`, async () => {
      const {started} = await engine.stats();
      const body = {model: "chain-slow", messages: HELLO, ignore_eos: true, stream};
      await hangUp(engine, "/v1/chat/completions", body, async () => {
        await engine.statsWhen((now) => now.started === started + 1);
        await delay(50);  // it has no other way to tell that tokens are coming
      });
    });
  }
});

describe("a client's hang-up frees the engine", () => {
  const endless = {model: "chain-endless", messages: HELLO};
  const path = "/v1/chat/completions";
  let engine;
  before(async () => { engine = await startEngine({tokenDelayMs: 20}); });
  after(() => engine.stop());

  const slotTaken = () => engine.statsWhen((now) => now.busy === 1);

  test("streaming, in mid-decode", async () => {
    const controller = new AbortController();
    const response = await post(engine, path, {...endless, stream: true}, controller.signal);
    const reader = response.body.getReader();
    for (let i = 0; i < 5; ++i) await reader.read();
    assert.equal((await engine.stats()).busy, 1);
    controller.abort();
    const stats = await engine.statsWhen((now) => now.busy === 0);
    assert.equal(stats.aborted, 1);
    assert.ok(stats.last_cancel_to_free_ms < FREED_MS_MAX);
  });

  test("not streaming", async () => {
    const stats = await hangUp(engine, path, endless, slotTaken);
    assert.equal(stats.busy, 0);
  });

  test("in the queue: it never gets the slot, and the one behind it does", async () => {
    const {started, aborted_in_queue: before} = await engine.stats();
    const runner = new AbortController();
    const running = assert.rejects(post(engine, path, endless, runner.signal), {name: "AbortError"});
    await slotTaken();
    let behind;
    const stats = await hangUp(engine, path, endless, async () => {
      await engine.statsWhen((now) => now.queued === 1);
      behind = postJson(engine, path, {...endless, max_tokens: 2});
      await engine.statsWhen((now) => now.queued === 2);
    });
    assert.equal(stats.aborted_in_queue, before + 1);
    assert.equal(stats.busy, 1);
    assert.equal(stats.queued, 1);
    runner.abort();
    await running;
    assert.equal((await behind).choices[0].message.content, knownText(2));
    const end = await engine.stats();
    assert.equal(end.started, started + 2);
    assert.equal(end.busy + end.queued, 0);
  });

  test("afterwards the next request is answered, and the numbers add up", async () => {
    const {choices} = await chat(engine, {max_tokens: 3});
    assert.equal(choices[0].message.content, knownText(3));
    const {received, finished, failed, aborted} = await engine.stats();
    assert.equal(received, finished + failed + aborted);
    assert.equal(failed, 0);
  });
});

test("stop() ends an engine in mid-decode cleanly", async () => {
  const engine = await startEngine();
  const request = assert.rejects(post(engine, "/v1/chat/completions", {
    model: "chain-slow", messages: HELLO, ignore_eos: true,
  }));
  await engine.statsWhen((now) => now.busy === 1);
  assert.deepEqual(await engine.stop(), {code: 0, signal: null});
  await request;
});
