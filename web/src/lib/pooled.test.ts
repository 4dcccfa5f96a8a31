import { describe, expect, test } from "vitest";
import { PoolFeed, type PooledModel } from "$api/pool.svelte";
import { loadWords, saysOf, stateWord } from "./pooled";

const model = (more: Partial<PooledModel> = {}): PooledModel => ({
  model: "small",
  engine: "llama-server",
  state: "ready",
  pinned: false,
  slots: 2,
  context: 8192,
  memory_bytes: 2 ** 30,
  memory_measured: true,
  memory_words: "",
  in_flight: 0,
  queued: 0,
  waiting: 0,
  state_ms: 0,
  idle_ms: null,
  retried_in_ms: null,
  problem: "",
  last_lines: [],
  loads: 1,
  crashes: 0,
  quarantines: 0,
  cancel_to_free_ms: null,
  load_share: null,
  ready_in_ms: null,
  pid: 7,
  toldAt: 1000,
  ...more,
});
const totals = { memory_limit_bytes: 9, machine_bytes: 9, memory_used_bytes: 1 };

describe("a local model in words", () => {
  test("how far its load is, never 100 % before it is ready", () => {
    expect(stateWord(model())).toBe("loaded");
    expect(stateWord(model({ state: "loading", load_share: 0.409 }))).toBe("loading 40 %");
    expect(stateWord(model({ state: "loading", load_share: 1 }))).toBe("loading 99 %");
    expect(stateWord(model({ state: "loading" }))).toBe("loading");
  });

  test("for who waits for it; the expected time runs on", () => {
    const loading = model({ state: "loading", load_share: 0.4, ready_in_ms: 12_000 });
    expect(loadWords(loading, 1000)).toBe("loading 40 %, about 12 s");
    expect(loadWords(loading, 6000)).toBe("loading 40 %, about 7 s");
    expect(loadWords(loading, 60_000)).toBe("loading 40 %");
    expect(loadWords(model({ state: "waiting" }), 1000)).toBe("waiting for memory");
    expect([loadWords(model(), 1000), loadWords(undefined, 1000)]).toEqual(["", ""]);
  });

  test("who uses it, and since when nobody does", () => {
    expect(saysOf(model({ in_flight: 3, queued: 1 }), 1000)).toBe(
      "1 GiB · 3 requests, 1 in line · 2 slots of 8,192 tokens",
    );
    expect(saysOf(model({ idle_ms: 2000 }), 6000)).toContain("unused for 7 s");
    expect(saysOf(model({ retried_in_ms: 2000 }), 1500)).toContain("left alone for 2 s");
    expect(saysOf(model({ retried_in_ms: 2000 }), 4000)).not.toContain("left alone");
  });
});

describe("the pool", () => {
  const event = (whole: boolean, ...models: PooledModel[]) => ({ ...totals, whole, models });

  test("is told whole, then by what changes; who is gone from the whole is gone", () => {
    const pool = new PoolFeed();
    pool.take(event(false, model()));
    expect(pool.data).toBeUndefined();
    pool.take(event(true, model(), model({ model: "large" })));
    pool.take({ ...event(false, model({ model: "large", state: "loading" })), memory_used_bytes: 5 });
    expect(pool.data?.models.map((one) => [one.model, one.state])).toEqual([
      ["small", "ready"],
      ["large", "loading"],
    ]);
    expect(pool.data?.memory_used_bytes).toBe(5);
    pool.set(model({ pinned: true }));
    expect([pool.find("small")?.pinned, pool.data?.memory_used_bytes]).toEqual([true, 5]);
    pool.take(event(true, model()));
    expect(pool.find("large")).toBeUndefined();
  });
});
