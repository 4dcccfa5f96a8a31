// Engines that misbehave as real ones were seen to: what the client is told, and that the next request is served.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { knownText } from "../engine/known_answers.mjs";
import { HELLO } from "./support/clients.mjs";
import { faulty, startFaulty } from "./support/faulty.mjs";
import { temporaryFolder } from "./support/gateway.mjs";
import { timed } from "./support/until.mjs";

const serve = (name, models, work, options) =>
  test(name, async () => {
    const pool = await startFaulty(models, options);
    try {
      await work(pool);
    } finally {
      await pool.gateway.stop();
    }
  });

// Sends a request and leaves when the engine works on it.
async function leave(pool, model, more) {
  const abort = new AbortController();
  const before = pool.journal().filter((one) => one.event === "started").length;
  const left = pool.stream(model, more, { signal: abort.signal });
  await pool.stateWhen(model, () => pool.journal().filter((one) => one.event === "started").length > before);
  abort.abort();
  await left;
}

const answers = async (pool, model, count = 5) => assert.equal((await pool.stream(model, { max_tokens: count })).text, knownText(count));

serve("it listens before it has loaded: nobody is sent to it, and its answer 503 reaches nobody", [faulty("slow", { flags: { "load-ms": 700 } })], async (pool) => {
  const { value, ms } = await timed(() => pool.stream("slow", { max_tokens: 3 }));
  assert.deepEqual([value.text, value.error], [knownText(3), undefined]);
  assert.ok(ms > 700);
});

serve("while it loads, its share of the memory that it will take is told", [faulty("slow", { flags: { "load-ms": 1500 } })], async (pool) => {
  const asked = pool.stream("slow", { max_tokens: 1 });
  const { state } = await pool.stateWhen("slow", (one) => one.load_share > 0);
  assert.equal(state, "loading");
  await asked;
  assert.equal((await pool.state("slow")).load_share, null);
});

serve("a streaming client hears heartbeats while the model loads, then the answer", [faulty("slow", { flags: { "load-ms": 1200 } })], async (pool) => {
  const response = await fetch(`${pool.gateway.url}/v1/chat/completions`, {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ model: "slow", messages: HELLO, stream: true, max_tokens: 2 }),
  });
  const text = await response.text();
  assert.ok(text.indexOf(": keep-alive") >= 0 && text.indexOf(": keep-alive") < text.indexOf("w000"), text);
  assert.match(text, /data: \[DONE\]/);
}, { pool: "[timeouts]\nheartbeat_seconds = 0.2\n" });

serve("a start that fails at once", [faulty("bad", { faults: ["no-start"] })], async (pool) => {
  await assert.rejects(pool.ask("bad"), (error) => error.status === 503 && /exit code 1.*no-such-flag/.test(error.message));
});

serve("a socket that an engine which was killed has left does not stop the next start", [faulty("dies", { faults: ["dies-after=2"] }), faulty("other")], async (pool) => {
  assert.ok((await pool.stream("dies", { max_tokens: 9 })).error, "the stream ends with an error, not as if it were whole");
  await pool.stateWhen("dies", (one) => one.crashes === 1 && one.retried_in_ms === null);
  const { text } = await pool.stream("dies", { max_tokens: 2 });
  assert.equal(text, knownText(2));
});

serve("an error in the middle of a stream, without an end, is an error to the client", [faulty("errs", { faults: ["error-after=3"] })], async (pool) => {
  const { text, error } = await pool.stream("errs", { max_tokens: 9 });
  assert.equal(text, knownText(3));
  assert.match(String(error), /slot unavailable/);
  await assert.rejects(pool.ask("errs", { max_tokens: 9 }), /slot unavailable/);
});

serve("answers in one piece are streamed from it: a hang-up ends them though it would not notice", [faulty("deaf", { faults: ["deaf-when-not-streamed"], flags: { "token-delay-ms": 20 } })], async (pool) => {
  const abort = new AbortController();
  const asked = pool.ask("deaf", { max_tokens: 10_000 }, { signal: abort.signal }).catch((error) => error);
  await pool.stateWhen("deaf", () => pool.journal().some((one) => one.event === "started"));
  abort.abort();
  await asked;
  const { ms } = await timed(() => answers(pool, "deaf"));
  assert.ok(ms < 2000, `${ms} ms`);
  assert.equal((await pool.state("deaf")).quarantines, 0);
});

serve("a prompt is given up at once, because it tells how far it is; the client does not see that", [faulty("deaf", { faults: ["deaf-in-prompt"], flags: { "prompt-ms": 1000 } })], async (pool) => {
  const { value } = await timed(() => pool.client.chat.completions.create({ model: "deaf", messages: HELLO, stream: true, max_tokens: 2 }));
  for await (const chunk of value) {
    assert.equal(chunk.prompt_progress, undefined);
    assert.equal(chunk.choices.length, 1);
  }
  await leave(pool, "deaf", { max_tokens: 2 });
  await pool.stateWhen("deaf", (one) => one.cancel_to_free_ms !== null && one.in_flight === 0);
  assert.ok((await pool.state("deaf")).cancel_to_free_ms < 500);
  assert.equal(await pool.metric('punctual_cancel_to_free_seconds_count{phase="prompt"}'), 1);
});

serve("who asks for the progress of its prompt gets it", [faulty("model", { flags: { "prompt-ms": 100 } })], async (pool) => {
  const seen = [];
  for await (const chunk of await pool.client.chat.completions.create({ model: "model", messages: HELLO, stream: true, max_tokens: 1, return_progress: true })) seen.push(chunk.prompt_progress?.processed);
  assert.ok(seen.filter(Boolean).length >= 5, String(seen));
});

serve("a slot is not given away before the engine is free of the dead request", [faulty("slow", { faults: ["frees-after-ms=600"], flags: { "token-delay-ms": 5 } })], async (pool) => {
  await leave(pool, "slow", { max_tokens: 10_000 });
  await answers(pool, "slow");
  assert.deepEqual(pool.journal().filter((one) => one.event === "queued"), [], "the engine never had two at once");
  const { cancel_to_free_ms: took, quarantines } = await pool.state("slow");
  assert.ok(took >= 590 && took < 2000, String(took));
  assert.equal(quarantines, 0);
});

serve("one that never lets go is started anew; its other request ends as it would", [faulty("stuck", { slots: 2, faults: ["never-frees"], flags: { "token-delay-ms": 10 } })], async (pool) => {
  const long = pool.stream("stuck", { max_tokens: 350 });
  await pool.stateWhen("stuck", () => pool.journal().some((one) => one.event === "started"));
  await leave(pool, "stuck", { max_tokens: 10_000 });
  await pool.stateWhen("stuck", (one) => one.state === "quarantined");
  const next = answers(pool, "stuck");
  const { text, error } = await long;
  assert.deepEqual([text, error], [knownText(350), undefined]);
  await next;
  const { quarantines, loads, crashes } = await pool.state("stuck");
  assert.deepEqual([quarantines, loads, crashes], [1, 2, 0]);
  assert.equal(await pool.metric("punctual_engines_quarantined_total"), 1);
}, { pool: "free_within_seconds = 0.5\n" });

serve("one that does not answer when asked whether it is free is started anew", [faulty("mute", { faults: ["slots-silent", "never-frees"], flags: { "token-delay-ms": 5 } })], async (pool) => {
  await leave(pool, "mute", { max_tokens: 10_000 });
  await answers(pool, "mute");
  assert.equal((await pool.state("mute")).quarantines, 1);
}, { pool: "free_within_seconds = 0.5\n" });

serve("one that has no such page is believed", [faulty("old", { faults: ["no-slots"] })], async (pool) => {
  await leave(pool, "old", { max_tokens: 10_000 });
  await pool.stateWhen("old", (one) => one.in_flight === 0);
  await answers(pool, "old");
});

serve("a limit that fires for one request of a batch ends only that one", [faulty("two", { slots: 2, flags: { "token-delay-ms": 10 } })], async (pool) => {
  const [cut, whole] = await Promise.all([
    pool.stream("two", { max_tokens: 10_000, timeout: 0.5 }), pool.stream("two", { max_tokens: 120 }),
  ]);
  assert.match(String(cut.error), /timed out after 0\.5 seconds/);
  assert.deepEqual([whole.text, whole.error], [knownText(120), undefined]);
});

serve("the idle limit of a hung engine frees it for the next: it is started anew", [faulty("hung", { faults: ["silent"] })], async (pool) => {
  const { error } = await pool.stream("hung", { max_tokens: 5 });
  assert.match(String(error), /no first token after 0\.3 seconds/);
  await pool.stateWhen("hung", (one) => one.quarantines === 1 && one.state === "ready");
}, { pool: "free_within_seconds = 0.5\n[timeouts]\nfirst_token_seconds = 0.3\n" });

serve("one that waits for its streams before it ends is asked twice; one that hears nothing is killed", [faulty("waits", { faults: ["ignores-terms"] })], async (pool) => {
  await answers(pool, "waits");
  const { pid } = await pool.state("waits");
  await pool.api.post("/api/pool/waits/unload");
  await pool.stateWhen("waits", (one) => one.state === "unloaded");
  assert.ok(!existsSync(`/proc/${pid}`));
  assert.equal(pool.journal().filter((one) => one.event === "term").length, 2);
});

serve("malformed JSON is the client's fault, whatever status the engine gives it", [faulty("model")], async (pool) => {
  await answers(pool, "model");
  const response = await fetch(`${pool.gateway.url}/v1/chat/completions`, { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"model":"model","messages":[}' });
  assert.equal(response.status, 400);
});

serve("rerank goes to the engine, under the limit of embeddings", [faulty("ranks")], async (pool) => {
  const response = await fetch(`${pool.gateway.url}/v1/rerank`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ model: "ranks", query: "q", documents: ["a", "abc", "ab"] }),
  });
  assert.match(response.headers.get("x-punctual-limit"), /^total=120;/);
  assert.deepEqual((await response.json()).results.map((one) => one.index), [1, 2, 0]);
  const record = await pool.gateway.recordWhen((one) => one.model === "ranks");
  assert.deepEqual([record.path, record.outcome], ["/v1/rerank", "success"]);
});

const shared = temporaryFolder();
const sharing = (name) => faulty(name, { flags: { "memory-folder": join(shared, "memory"), "memory-total": 250, memory: 150 } });
serve("a load that finds no memory is tried once more when the idle ones have left", [sharing("first"), sharing("second")], async (pool) => {
  await answers(pool, "first");
  await answers(pool, "second");
  assert.equal((await pool.state("first")).state, "unloaded");
  assert.ok(pool.journal().some((one) => one.event === "out of memory"));
  const busy = pool.stream("second", { max_tokens: 3000 });
  await pool.stateWhen("second", (one) => one.in_flight === 1);
  await assert.rejects(pool.ask("first"), (error) => error.status === 503 && /failed to allocate|failed to initialize/.test(error.message));
  assert.equal((await busy).text, knownText(3000), "one that is used does not leave for it");
});

serve("clients take turns: a flood of one costs another only one turn", [faulty("one", { waiting_max: 50, flags: { "token-delay-ms": 4 } })], async (pool) => {
  const first = await pool.api.post("/api/keys", { name: "flood" });
  const second = await pool.api.post("/api/keys", { name: "other" });
  const by = (key) => pool.client.chat.completions.create({ model: "one", messages: HELLO, max_tokens: 20 }, { headers: { Authorization: `Bearer ${key}` } });
  let done = 0;
  const flood = Array.from({ length: 12 }, () => by(first.key).then(() => ++done));
  await pool.stateWhen("one", () => pool.journal().some((one) => one.event === "started"));
  await by(second.key);
  assert.ok(done <= 3, `${done} of the flood came before it`);
  await Promise.all(flood);
});
