import { describe, expect, test } from "vitest";
import type { Schemas } from "$api/client";
import { linePath, logScale, sparkPath } from "./chart";
import { estimateWords, figuresOf, healthOf, pointChange, relativeChange, verdictOf, rangeOf } from "./figures";

const latency = (ms?: number) =>
  ms === undefined
    ? { count: 0, cut: 0 }
    : { count: 9, cut: 1, p50: { ms: ms / 2, at_least: false }, p99: { ms, at_least: true } };
const totals = (requests: number, timeout: number, ms?: number) => ({
  requests,
  outcomes: { success: requests - timeout, timeout },
  prompt_tokens: 10,
  completion_tokens: 20,
  duration: latency(ms),
  first_token: latency(),
});
const statistics: Schemas["Statistics"] = {
  from: "",
  to: "",
  complete: true,
  totals: totals(200, 4, 120_000),
  before: totals(100, 1, 60_000),
  groups: [],
  timeouts: [],
  buckets: [{ ...totals(200, 4, 120_000), time: "2026-01-31T00:00:00Z" }],
  slowest: [],
  failures: [],
};

describe("figures", () => {
  const day = rangeOf("24h", null, null);
  const named = (name: string) => figuresOf(statistics, "–", day).find((one) => one.name === name);

  test("lead to the requests behind them", () => {
    expect(named("Requests")).toMatchObject({ value: "200", href: "/ui/requests?from=24h" });
    expect(named("Timeouts")).toMatchObject({
      value: "4",
      note: "2 % of all",
      href: "/ui/requests?outcome=timeout&from=24h",
      change: { text: "300 %", tone: "bad", direction: "up" },
    });
    expect(named("Success")).toMatchObject({ value: "98 %", change: { text: "1 point", tone: "bad" } });
    expect(named("Total time, p99")).toMatchObject({
      value: "≥ 2 min",
      note: "p50 1 min",
      href: "/ui/requests?slower_than=120&from=24h",
    });
  });

  test("are never 0 where nothing is known", () => {
    expect(named("First token, p99")).toMatchObject({ value: "–", series: [null], change: undefined });
    for (const empty of ["–", "N/A"] as const)
      expect(figuresOf(undefined, empty, day).map((one) => one.value)).toEqual(Array(7).fill(empty));
  });

  test("change against the time before", () => {
    expect(relativeChange(5, 0, "up")).toBeUndefined();
    expect(relativeChange(50, 100, "down")).toEqual({ text: "50 %", tone: "good", direction: "down" });
    expect(relativeChange(100, 100, "up")).toMatchObject({ text: "same", tone: "neutral" });
    expect(pointChange(undefined, 0.5)).toBeUndefined();
  });

  test("an estimate says what is guessed", () => {
    const estimate = {
      estimate: true as const,
      finished: 100,
      finished_late: 8,
      cut_at_seconds: 120,
      p99_seconds: 100,
      suggested_seconds: 150,
      tried_seconds: 240,
      would_have_finished: 0.6,
    };
    expect(estimateWords(estimate)).toBe("about 60 % of them would have finished by 4 min");
    expect(estimateWords({ ...estimate, would_have_finished: 0 })).toContain("hardly any");
  });

  test("health is of those that were called", () => {
    const facet = (values: [string, number][]) => ({
      values: values.map(([value, count]) => ({ value, count })),
      more_values: false,
      complete: true,
    });
    const health = healthOf(
      facet([
        ["a", 100],
        ["b", 10],
        ["", 5],
      ]),
      facet([["b", 3]]),
      facet([]),
    );
    expect(health.map((one) => [one.name, verdictOf(one).word])).toEqual([
      ["a", "well"],
      ["b", "many fail"],
    ]);
  });
});

describe("charts", () => {
  test("have round ends around all values", () => {
    const scale = logScale([130, 61_000, 900_000]);
    expect([scale.low, scale.high]).toEqual([100, 1_800_000]);
    expect(scale.share(100)).toBe(0);
    expect(scale.share(1_800_000)).toBe(1);
    expect(scale.ticks.length).toBeLessThanOrEqual(7);
    expect(logScale([]).share(5)).toBe(0);
  });

  test("break where nothing was measured", () => {
    expect(linePath([0, 1, null, 0.5], 30, 10)).toBe("M0.0 10.0L10.0 0.0M30.0 5.0h1.5");
    expect(sparkPath([], 10, 10)).toBe("");
  });
});
