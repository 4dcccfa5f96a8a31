// The pool on real engines, started by the preset of llama-server: llama.cpp in a server of our own, and the user's own
// llama-server where LLAMA_SERVER names one. Every answer is known, so that a lost, doubled or mixed-up token is seen.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { DEFAULT_DIRECTORY, makeModels } from "../engine/models/make_models.mjs";
import { EMBEDDING_LENGTH, IMAGE_TOKENS, KNOWN_WORD, knownAnswer } from "../engine/known_answers.mjs";
import { HELLO, ONE_EACH, drainOpenai, openai } from "./support/clients.mjs";
import { startGateway } from "./support/gateway.mjs";
import { ADMIN_TOKEN, send, withToken } from "./support/management.mjs";
import { until } from "./support/until.mjs";

const OURS = fileURLToPath(new URL("../engine/engine.mjs", import.meta.url));
const engines = [{ title: "llama.cpp", command: [process.execPath, OURS, "--exit-with-stdin", "--slots", "2"], skip: "our engine knows neither images nor rerank; LLAMA_SERVER names one that does" }];
if (process.env.LLAMA_SERVER) engines.push({ title: "llama-server", command: [process.env.LLAMA_SERVER], skip: false });

// As words of the prompt that a prefill takes long for; one token each.
const LONG = [{ role: "user", content: "x".repeat(3000) }];
const FREE_MS_MAX = 2000;
// One pixel.
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";

const model = (name, command, more = {}) => ({ name, engine: "llama-server", file: join(DEFAULT_DIRECTORY, `${name}.gguf`), slots: 2, context: 4000, command, ...more });
const toml = (entry) => "[[models]]\n" + Object.entries(entry).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`).join("");

for (const { title, command, skip } of engines) {
  describe(title, () => {
    let gateway;
    let api;
    let client;
    before(async () => {
      makeModels(DEFAULT_DIRECTORY);
      const models = [model("chain", command), model("chain-slow", command), model("embed", command, { arguments: ["--embeddings"], context: 512 })];
      if (!skip) models.push(model("more/rank", command, { name: "rank", arguments: ["--reranking"], context: 512 }), model("chain", command, { name: "sees", projector: join(DEFAULT_DIRECTORY, "more/sight.gguf") }));
      gateway = await startGateway({ config: `[pool]\nminimum_resident_seconds = 0\n${models.map(toml).join("")}`, env: { PUNCTUAL_ADMIN_TOKEN: ADMIN_TOKEN }, threads: 2 });
      api = withToken(gateway.url);
      client = openai(gateway.url, { defaultHeaders: ONE_EACH, maxRetries: 0 });
    });
    after(() => gateway?.stop());

    const state = async (name) => (await api.get("/api/pool")).models.find((one) => one.model === name);
    const stateWhen = (name, holds) => until(`model ${name}: ${holds}`, () => state(name), holds);
    const ask = (name, more = {}, options = {}) => client.chat.completions.create({ model: name, messages: HELLO, ...more }, options);
    const stream = (name, more = {}, options = {}) => drainOpenai(() => client.chat.completions.create({ model: name, messages: HELLO, stream: true, ...more }, options));
    const exact = async (name, count) => assert.equal((await stream(name, { max_tokens: count })).text, knownAnswer({ maxTokens: count }).text);
    const running = async (holds) => until(`a running request: ${holds}`, async () => (await api.get("/api/requests/running")).requests[0], (one) => one && holds(one));

    test("word for word: streamed, in one piece, several at once in one batch", async () => {
      const counts = [1, 7, 20, 31];
      await Promise.all(counts.map(async (count) => {
        const known = knownAnswer({ maxTokens: count });
        const [streamed, whole] = await Promise.all([stream("chain", { max_tokens: count }), ask("chain", { max_tokens: count })]);
        assert.deepEqual([streamed.text, streamed.error], [known.text, undefined]);
        assert.deepEqual([whole.choices[0].message.content, whole.usage.completion_tokens], [known.text, count]);
      }));
    });

    test("completions and embeddings", async () => {
      const { choices } = await client.completions.create({ model: "chain", prompt: "a w010", max_tokens: 3 });
      assert.equal(choices[0].text, knownAnswer({ maxTokens: 3, firstWord: 11 }).text);
      const { data } = await client.embeddings.create({ model: "embed", input: ["one", "two"] });
      assert.deepEqual(data.map((one) => one.embedding.length), [EMBEDDING_LENGTH, EMBEDDING_LENGTH]);
    });

    test("rerank: the order is known", { skip }, async () => {
      const documents = ["dog dog dog dog", `${KNOWN_WORD} ${KNOWN_WORD} ${KNOWN_WORD} dog`, `${KNOWN_WORD} dog dog dog`];
      const { status, body, text } = await send(gateway.url, "POST", "/v1/rerank", { headers: { "Content-Type": "application/json" }, body: { model: "rank", query: "the fish", documents } });
      assert.equal(status, 200, text);
      assert.deepEqual(body.results.map((one) => one.index), [1, 2, 0]);
      assert.ok(body.results[0].relevance_score > body.results[1].relevance_score && body.results[1].relevance_score > body.results[2].relevance_score, text);
      const record = await gateway.recordWhen((one) => one.model === "rank");
      assert.deepEqual([record.outcome, record.attempts[0].provider], ["success", "pool"]);
    });

    test("images: each costs what is known, the answer is the same; what is none is the client's fault", { skip }, async () => {
      const picture = (data) => ({ type: "image_url", image_url: { url: `data:image/png;base64,${data}` } });
      const words = { type: "text", text: "hi" };
      const see = (...pictures) => ask("sees", { max_tokens: 5, messages: [{ role: "user", content: [words, ...pictures] }] });
      // More pictures after fewer: the other way round llama-server itself fails ("Chunk not found").
      const none = await see();
      const streamed = await stream("sees", { max_tokens: 7, messages: [{ role: "user", content: [words, picture(PNG)] }] });
      assert.deepEqual([streamed.text, streamed.error], [knownAnswer({ maxTokens: 7 }).text, undefined]);
      const [one, two] = [await see(picture(PNG)), await see(picture(PNG), picture(PNG))];
      for (const { choices } of [none, one, two]) assert.equal(choices[0].message.content, knownAnswer({ maxTokens: 5 }).text);
      assert.deepEqual([one, two].map(({ usage }) => usage.prompt_tokens - none.usage.prompt_tokens), [IMAGE_TOKENS, 2 * IMAGE_TOKENS]);
      await assert.rejects(see(picture(Buffer.from("no picture").toString("base64"))), (error) => error.status === 400);
      await assert.rejects(ask("chain", { messages: [{ role: "user", content: [words, picture(PNG)] }] }), (error) => error.status >= 400 && /image|mmproj/i.test(error.message));
      const { memory_words: sum } = await state("sees");
      assert.match(sum, /images/);
    });

    test("a limit that fires for one request of a batch ends only that one", async () => {
      await exact("chain-slow", 1);
      const [cut, whole] = await Promise.all([
        stream("chain-slow", { ignore_eos: true, max_tokens: 3500, timeout: 0.5 }), stream("chain-slow", { ignore_eos: true, max_tokens: 250 }),
      ]);
      assert.match(String(cut.error), /timed out after 0\.5 seconds/);
      assert.ok(knownAnswer({ maxTokens: 3500, endless: true }).text.startsWith(cut.text));
      assert.deepEqual([whole.text, whole.error], [knownAnswer({ maxTokens: 250, endless: true }).text, undefined]);
    });

    // Leaves when `ready`, and gives how long the engine took to be free, as the gateway saw it.
    async function leave(t, what, more, ready) {
      await stateWhen("chain-slow", (one) => one.in_flight === 0);
      const abort = new AbortController();
      const { quarantines } = await state("chain-slow");
      const left = (more.stream === false ? ask : stream)("chain-slow", more, { signal: abort.signal }).catch(() => {});
      await ready();
      abort.abort();
      await left;
      const free = await stateWhen("chain-slow", (one) => one.in_flight === 0);
      assert.equal(free.quarantines, quarantines);
      t.diagnostic(`cancel_to_free ${what}: ${free.cancel_to_free_ms?.toFixed(1)} ms`);
      assert.ok(free.cancel_to_free_ms < FREE_MS_MAX);
      await exact("chain-slow", 3);
    }
    const decoding = () => running((one) => one.content_events > 2);
    const prompting = () => running((one) => one.phase === "first_token" && one.elapsed_ms > 100);

    test("a hang-up frees the engine: decoding", (t) => leave(t, "decoding", { ignore_eos: true, max_tokens: 3500 }, decoding));
    test("a hang-up frees the engine: decoding, in one piece", (t) => leave(t, "decoding, not streamed", { stream: false, ignore_eos: true, max_tokens: 3500 }, decoding));
    test("a hang-up frees the engine: in the prompt", (t) => leave(t, "in the prompt", { messages: LONG, max_tokens: 5 }, prompting));
    test("a hang-up frees the engine: in the prompt, in one piece", (t) => leave(t, "in the prompt, not streamed", { stream: false, messages: LONG, max_tokens: 5 }, prompting));
    test("a hang-up frees the engine: in the prompt, while another is answered", async (t) => {
      const other = stream("chain-slow", { ignore_eos: true, max_tokens: 600 });
      await decoding();
      const abort = new AbortController();
      const left = stream("chain-slow", { messages: LONG, max_tokens: 5 }, { signal: abort.signal });
      await stateWhen("chain-slow", (one) => one.in_flight === 2);
      await until("it is with the engine", () => api.get("/api/requests/running"), ({ requests }) => requests.some((one) => one.phase === "first_token" && one.elapsed_ms > 50));
      abort.abort();
      await left;
      const { cancel_to_free_ms: took } = await stateWhen("chain-slow", (one) => one.in_flight === 1 || one.in_flight === 0);
      t.diagnostic(`cancel_to_free in the prompt beside another: ${took.toFixed(1)} ms`);
      const { text, error } = await other;
      assert.deepEqual([text, error], [knownAnswer({ maxTokens: 600, endless: true }).text, undefined]);
    });

    test("who leaves the queue was never with the engine, and costs it nothing", async (t) => {
      const busy = [0, 1].map(() => stream("chain-slow", { ignore_eos: true, max_tokens: 200 }));
      await stateWhen("chain-slow", (one) => one.in_flight === 2);
      const abort = new AbortController();
      const waiting = stream("chain-slow", { max_tokens: 5 }, { signal: abort.signal });
      await until("it waits", () => api.get("/api/requests/running"), ({ requests }) => requests.some((one) => one.phase === "queue"));
      const started = performance.now();
      abort.abort();
      await waiting;
      await until("it is gone", () => api.get("/api/requests/running"), ({ requests }) => !requests.some((one) => one.phase === "queue"));
      t.diagnostic(`cancel_to_free in the queue: ${(performance.now() - started).toFixed(1)} ms until it is off the list`);
      for (const one of await Promise.all(busy)) assert.equal(one.text, knownAnswer({ maxTokens: 200, endless: true }).text);
    });

    test("the last who leaves a load ends it", async (t) => {
      await api.post("/api/pool/chain/unload");
      await stateWhen("chain", (one) => one.state === "unloaded");
      const abort = new AbortController();
      const left = stream("chain", { max_tokens: 1 }, { signal: abort.signal });
      await stateWhen("chain", (one) => one.state === "loading");
      const started = performance.now();
      abort.abort();
      await left;
      await stateWhen("chain", (one) => one.state === "unloaded");
      t.diagnostic(`cancel_to_free while loading: ${(performance.now() - started).toFixed(1)} ms until the process has ended`);
      await exact("chain", 2);
    });

    test("what it takes was estimated before it was started, and is measured after", async () => {
      await exact("chain", 1);
      const { memory_bytes: bytes, memory_words: words, memory_measured: measured } = await stateWhen("chain", (one) => one.memory_bytes > 0);
      assert.match(words, /weights .* context of 4000 x 2 slots .* margin/);
      assert.ok(bytes > 1 << 20);
      assert.equal(typeof measured, "boolean");
    });
  });
}
