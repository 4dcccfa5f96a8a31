import { describe, expect, test } from "vitest";
import { conditionOf, loadOf, targetsOf, type Target } from "./targets";

const target = (more: Partial<Target> = {}): Target => ({
  provider: "local",
  model: "llama",
  state: "closed",
  hold: "automatic",
  opens_in_ms: null,
  failures_in_a_row: 0,
  window_calls: 0,
  window_failures: 0,
  calls: 0,
  failures: 0,
  in_flight: 0,
  slots_taken: 0,
  waiting: 0,
  paused: false,
  ...more,
});
const told = (more: Partial<Target>, since = 0) => {
  const { word, detail } = conditionOf(target(more), since);
  return detail ? `${word} ${detail}` : word;
};

describe("a target in words", () => {
  test("how its breaker is, for how long, and why", () => {
    const open = { state: "open" as const, opens_in_ms: 15_000, failures_in_a_row: 5 };
    expect(told({})).toBe("available");
    expect(told({ failures_in_a_row: 1 })).toBe("failing 1 failure in a row");
    expect(told(open)).toBe("left alone for another 15 s after 5 failures");
    expect(told(open, 3000)).toBe("left alone for another 12 s after 5 failures");
    expect(told(open, 20_000)).toBe("left alone until the next request tries it after 5 failures");
    expect(told({ ...open, failures_in_a_row: 1, window_calls: 20, window_failures: 12 })).toBe(
      "left alone for another 15 s after 12 of 20 calls failed",
    );
    expect(told({ state: "half_open", failures_in_a_row: 5 })).toBe(
      "being tried one call at a time after 5 failures",
    );
    expect(told({ paused: true })).toContain("paused");
  });

  test("what is held by hand is so, whatever it has learnt", () => {
    expect(told({ hold: "open" })).toBe("held open left alone until it is let go");
    expect(told({ hold: "closed", state: "open" })).toBe("held closed asked whatever happens");
  });

  test("how busy it is: who waits is not in flight yet", () => {
    expect(loadOf({ in_flight: 0, waiting: 0 })).toBe("idle");
    expect(loadOf({ in_flight: 5, waiting: 2 })).toBe("3 in flight · 2 waiting");
  });

  test("those in trouble stand first, then the busy ones", () => {
    const all = [
      target({ model: "a" }),
      target({ model: "b", in_flight: 2 }),
      target({ model: "c", state: "open" }),
      target({ model: "d", provider: "other" }),
    ];
    expect(targetsOf(all, "local").map((one) => one.model)).toEqual(["c", "b", "a"]);
  });
});
