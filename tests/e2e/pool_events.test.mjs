// The local models on the stream of live events: what /api/pool says, told as it changes.

import assert from "node:assert/strict";
import { test } from "node:test";

import { faulty, startFaulty } from "./support/faulty.mjs";
import { openEvents } from "./support/management.mjs";
import { assertValid, schemaNamed } from "./support/openapi.mjs";
import { until } from "./support/until.mjs";

const MIB = 1024 * 1024;
const TAKES_MIB = 400;

const loading = faulty("large", { memory: `${TAKES_MIB}MiB`, flags: { "load-ms": 3000, "load-mib": 250 } });

async function watched(models, options) {
  const pool = await startFaulty(models, options);
  const live = await openEvents(pool.api);
  const events = () => live.events.filter((one) => one.event === "pool");
  // What was told of one model, in order.
  const told = (name) => events().flatMap(({ data }) => data.models.filter((one) => one.model === name));
  const toldWhen = async (name, holds) => (await until(`of ${name} is told ${holds}`, () => told(name), (all) => all.some(holds))).find(holds);
  return { ...pool, live, events, told, toldWhen, stop: () => (live.close(), pool.gateway.stop()) };
}

test("the whole pool first; then a load: its state and its growing share, in order, and nothing of others", async () => {
  const pool = await watched([loading, faulty("other")]);
  const first = await pool.live.when((one) => one.event === "pool");
  assert.equal(first.id, undefined);
  assert.equal(first.data.whole, true);
  assert.deepEqual(first.data.models.map((one) => [one.model, one.state]), [["large", "unloaded"], ["other", "unloaded"]]);
  const { whole, ...members } = first.data;
  assert.deepEqual(members, await pool.api.get("/api/pool"));

  const asked = pool.stream("large", { max_tokens: 3 });
  const ready = await pool.toldWhen("large", (one) => one.state === "ready" && one.in_flight === 0);
  assert.equal((await asked).error, undefined);
  const all = pool.told("large");
  const states = all.map((one) => one.state).filter((state, at, before) => state !== before[at - 1]);
  assert.deepEqual(states, ["unloaded", "loading", "ready"]);
  const shares = all.filter((one) => one.state === "loading").map((one) => one.load_share);
  const distinct = new Set(shares);
  assert.ok(shares.every((share, at) => at === 0 || share > shares[at - 1] - 0.02), `it grows: ${shares}`);
  assert.ok(distinct.size >= 4, `in steps: ${[...distinct]}`);
  assert.ok(shares.at(-1) > 250 / TAKES_MIB, String(shares));
  assert.ok(all.some((one) => one.state === "loading" && one.waiting === 1));
  assert.ok(all.some((one) => one.ready_in_ms > 0), "when it will be ready");
  assert.deepEqual([ready.load_share, ready.ready_in_ms, ready.idle_ms >= 0], [null, null, true]);
  assert.ok(pool.events().at(-1).data.memory_used_bytes > 250 * MIB);

  assert.equal(pool.told("other").length, 1, "nothing has happened to it");
  assert.equal(pool.events().filter((one) => one.data.whole).length, 1);
  for (const { data } of pool.events()) assertValid(schemaNamed("PoolEvent"), data, "an event of the pool");
  await pool.stop();
});

test("no more than four a second, the newest last", async () => {
  const pool = await watched([faulty("busy", { slots: 8, flags: { "token-delay-ms": 1 } })]);
  await pool.ask("busy", { max_tokens: 1 });
  await pool.toldWhen("busy", (one) => one.state === "ready" && one.in_flight === 0);
  const before = pool.events().length;
  const started = performance.now();
  for (let round = 0; round < 40; ++round) await Promise.all([pool.ask("busy", { max_tokens: 10 }), pool.ask("busy", { max_tokens: 25 })]);
  const seconds = (performance.now() - started) / 1000;
  const count = pool.events().length - before;
  assert.ok(count >= 1 && count <= 4 * seconds + 1, `${count} events in ${seconds.toFixed(2)} s`);
  const last = await until("nobody uses it", () => pool.told("busy").at(-1), (one) => one.in_flight === 0);
  assert.equal(last.state, "ready");
  await pool.stop();
});

test("who waits in line is told when he moves up, and how long it will take", async () => {
  const pool = await watched([faulty("one", { slots: 1, waiting_max: 9, flags: { "token-delay-ms": 30 } })]);
  await pool.ask("one", { max_tokens: 1 });
  const ask = (id, count) => pool.stream("one", { max_tokens: count }, { headers: { "X-Request-ID": id } });
  const first = ask("line-0", 30);
  await pool.toldWhen("one", (one) => one.in_flight === 1);
  const others = [1, 2, 3].map((n) => ask(`line-${n}`, 25));
  await pool.toldWhen("one", (one) => one.queued === 3 && one.in_flight === 4);
  await Promise.all([first, ...others]);
  await pool.toldWhen("one", (one) => one.queued === 0 && one.in_flight === 0 && one.idle_ms !== null);
  const seen = (id) => pool.live.events.filter((one) => one.event === "running").flatMap(({ data }) => data.requests.filter((one) => one.request_id === id && one.phase === "queue"));
  const lines = [1, 2, 3].map((n) => seen(`line-${n}`));
  for (const line of lines) {
    assert.deepEqual(line.map((one) => one.queue_place), line.map((one) => one.queue_place).sort((a, b) => b - a), "nobody is put back");
    assert.ok(line.every((one) => one.local_model === "one" && one.queue_forecast_ms >= 0));
  }
  const longest = lines.find((line) => line.some((one) => one.queue_place === 2));
  assert.deepEqual([...new Set(longest.map((one) => one.queue_place))], [2, 1, 0]);
  await pool.stop();
});

test("pinned, unloaded, failed, quarantined: each is told", async () => {
  const pool = await watched([
    faulty("bad", { faults: ["no-start"] }),
    faulty("stuck", { slots: 2, faults: ["never-frees"], flags: { "token-delay-ms": 10 } }),
  ], { pool: "free_within_seconds = 0.3\n" });
  await pool.api.post("/api/pool/stuck/pin", { pinned: true });
  await pool.toldWhen("stuck", (one) => one.pinned);
  await assert.rejects(pool.ask("bad"));
  const failed = await pool.toldWhen("bad", (one) => one.problem !== "");
  assert.match(failed.problem, /did not start/);
  assert.ok(failed.retried_in_ms > 0 && failed.last_lines.length > 0);

  const abort = new AbortController();
  const left = pool.stream("stuck", { max_tokens: 900 }, { signal: abort.signal });
  const stays = pool.stream("stuck", { max_tokens: 150 });
  await pool.toldWhen("stuck", (one) => one.in_flight === 2);
  abort.abort();
  await left;
  await pool.toldWhen("stuck", (one) => one.state === "quarantined");
  await stays;
  await pool.toldWhen("stuck", (one) => one.quarantines === 1 && one.state === "ready");
  await pool.api.post("/api/pool/stuck/unload");
  await until("it is told gone", () => pool.told("stuck").at(-1), (one) => one.state === "unloaded" && one.pid === 0);
  await pool.stop();
});

test("a model that is added or removed: the whole pool again", async () => {
  const pool = await watched([faulty("filed")]);
  await pool.live.when((one) => one.event === "pool");
  const { id } = await pool.api.post("/api/settings/models", { name: "mine", engine: "ollama", file: "x", url: "http://127.0.0.1:9/v1" });
  const added = await pool.live.when((one) => one.event === "pool" && one.data.models.some((model) => model.model === "mine"));
  assert.deepEqual([added.data.whole, added.data.models.length], [true, 2]);
  await pool.api.delete(`/api/settings/models/${id}`);
  await until("it is gone", () => pool.events().at(-1).data, (data) => data.whole && data.models.length === 1);
  await pool.stop();
});
