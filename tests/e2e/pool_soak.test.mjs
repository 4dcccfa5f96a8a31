// Random load on five models that do not fit together: requests that end, hang up or run out of time, loads and unloads by
// hand, engines that are killed, a memory limit that changes. What must hold, holds at every moment.
//
// PUNCTUAL_SOAK_SECONDS=60 for a long run, PUNCTUAL_SOAK_SEED for the same choices again.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";

import { knownText } from "../engine/known_answers.mjs";
import { faulty, startFaulty } from "./support/faulty.mjs";
import { until } from "./support/until.mjs";

const SECONDS = Number(process.env.PUNCTUAL_SOAK_SECONDS ?? 6);
const SEED = Number(process.env.PUNCTUAL_SOAK_SEED ?? Date.now() % 1_000_000);
const WORKERS = 10;
const MODELS = ["a", "b", "c", "d", "e"];
const SLOTS = 2;
const MIB = 1 << 20;
const HIGH_MIB = 250;  // two of 100 MiB, not three
const LOW_MIB = 150;

// mulberry32
function dice(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
  return { below: (count) => Math.floor(next() * count), one: (list) => list[Math.floor(next() * list.length)], chance: (share) => next() < share };
}

test(`soak of ${SECONDS} s, seed ${SEED}`, { timeout: (SECONDS + 120) * 1000 }, async (t) => {
  const models = MODELS.map((name) => faulty(name, { slots: SLOTS, waiting_max: 100, flags: { "load-ms": 50, "prompt-ms": 20, "token-delay-ms": 2 } }));
  const pool = await startFaulty(models, { pool: "idle_unload_seconds = 2\n[breaker]\nfailures_in_a_row = 0\nerror_share = 0\n" });
  await pool.api.put("/api/settings/pool", { memory_limit: `${HIGH_MIB}MiB` });
  const counts = { whole: 0, left: 0, late: 0, refused: 0, broken: 0, killed: 0, unloaded: 0, loaded: 0, limits: 0, looks: 0 };
  const problems = [];
  const killed = new Set();
  let sent = 0;
  const end = performance.now() + SECONDS * 1000;

  // What the client gets is the whole answer, or a part of it and an error; never another's words.
  const judge = (text, count, error) => {
    if (!knownText(count).startsWith(text)) problems.push(`wrong words: ${text.slice(0, 200)}`);
    if (error === undefined && text !== knownText(count)) problems.push(`${text.length} bytes of ${count} tokens, and no error`);
  };

  // An error in a stream has no status.
  const nameOf = (error) => {
    if (error === undefined) return "whole";
    if (error.status === 503) return "refused";
    return error.status === 504 || /timed out/.test(String(error)) ? "late" : "broken";
  };

  async function request(random) {
    const model = random.one(MODELS);
    const count = 1 + random.below(60);
    const abort = new AbortController();
    const leaves = random.chance(0.25);
    const more = { max_tokens: count, ...(random.chance(0.1) ? { timeout: 0.05 + random.below(200) / 1000 } : {}) };
    ++sent;
    const timer = leaves ? setTimeout(() => abort.abort(), random.below(300)) : undefined;
    try {
      if (random.chance(0.7)) {
        const { text, error } = await pool.stream(model, more, { signal: abort.signal });
        if (abort.signal.aborted) return void ++counts.left;
        judge(text, count, error);
        return void ++counts[nameOf(error)];
      }
      const { choices } = await pool.ask(model, more, { signal: abort.signal });
      judge(choices[0].message.content, count);
      ++counts.whole;
    } catch (error) {
      if (abort.signal.aborted) return void ++counts.left;
      if ([502, 503, 504].includes(error.status)) return void ++counts[nameOf(error)];
      problems.push(`unexpected: ${error}`);
    } finally {
      clearTimeout(timer);
    }
  }
  const worker = async (index) => {
    const random = dice(SEED * 100 + index);
    while (performance.now() < end) await request(random);
  };
  // An operator with restless hands, and a machine on which engines die.
  const trouble = async () => {
    const random = dice(SEED * 100 + 99);
    while (performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, random.below(150)));
      const choice = random.below(10);
      if (choice < 2) {
        const { pid } = await pool.state(random.one(MODELS));
        if (pid > 0 && existsSync(`/proc/${pid}`)) { process.kill(pid, "SIGKILL"); killed.add(pid); ++counts.killed; }
      } else if (choice < 6) {
        await pool.api.call("POST", `/api/pool/${random.one(MODELS)}/unload`);
        ++counts.unloaded;
      } else if (choice < 8) {
        await pool.api.call("POST", `/api/pool/${random.one(MODELS)}/load`);
        ++counts.loaded;
      } else {
        await pool.api.put("/api/settings/pool", { memory_limit: `${random.one([LOW_MIB, HIGH_MIB])}MiB` });
        ++counts.limits;
      }
    }
  };
  const watch = async () => {
    while (performance.now() < end) {
      const { memory_used_bytes: used, models: all } = await pool.api.get("/api/pool");
      if (used > HIGH_MIB * MIB) problems.push(`${used} bytes are used`);
      for (const one of all) if (one.quarantines > 0) problems.push(`${one.model} was quarantined`);
      ++counts.looks;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await Promise.all([...Array.from({ length: WORKERS }, (_, index) => worker(index)), trouble(), watch()]);

  await until("nobody is left", () => pool.api.get("/api/pool"), (view) => view.models.every((one) => one.in_flight === 0 && one.waiting === 0));
  const journal = pool.journal();
  for (const { pid, event, running, terms } of journal) {
    if (event === "queued" && !killed.has(pid)) problems.push(`engine ${pid} had more than ${SLOTS} requests`);
    if (event === "term" && terms === 1 && running > 0) problems.push(`engine ${pid} was ended while it worked on ${running}`);
  }
  t.diagnostic(JSON.stringify({ sent, ...counts, starts: journal.filter((one) => one.event === "up").length }));
  assert.deepEqual([...new Set(problems)], []);

  // Each model is served again, and each request that came is in the log.
  await pool.api.put("/api/settings/pool", { memory_limit: `${HIGH_MIB}MiB` });
  for (const model of MODELS) {
    await pool.stateWhen(model, (one) => one.retried_in_ms === null);
    const { text, error } = await pool.stream(model, { max_tokens: 4 });
    assert.deepEqual([text, error], [knownText(4), undefined]);
    ++sent;
  }
  // Of those that left at once some never came.
  const { totals } = await until("every request has its record", () => pool.api.get("/api/stats"), (stats) => stats.totals.requests >= sent - counts.left, 20_000);
  assert.ok(totals.requests <= sent, `${totals.requests} records of ${sent} requests`);
  const pids = (await pool.api.get("/api/pool")).models.map((one) => one.pid).filter((pid) => pid > 0);
  await pool.gateway.stop();
  for (const pid of pids) assert.ok(!existsSync(`/proc/${pid}`), "no orphans");
});
