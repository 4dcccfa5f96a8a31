import { describe, expect, it } from "vitest";
import { positionOf, snapped, stepped, stopsBetween, valueAt } from "./scale";

describe("the track", () => {
  const stops = stopsBetween(60, 7200);
  it("has its ends and round stops between", () => {
    expect(stops[0]).toBe(60);
    expect(stops.at(-1)).toBe(7200);
    expect(stops).toContain(900);
    expect(stopsBetween(30, 600)).toEqual([30, 45, 60, 90, 120, 180, 240, 300, 420, 600]);
  });
  it("is logarithmic: 15 min is past its half", () => {
    expect(positionOf(900, 60, 7200)).toBeGreaterThan(0.5);
    expect(valueAt(positionOf(900, 60, 7200), 60, 7200)).toBeCloseTo(900, 1);
    expect(positionOf(1, 60, 7200)).toBe(0);
  });
  it("steps from stop to stop, also from between", () => {
    expect(stepped(900, 1, stops)).toBe(1200);
    expect(stepped(901, -1, stops)).toBe(900);
    expect(stepped(7200, 1, stops)).toBe(7200);
    expect(snapped(880, stops)).toBe(900);
  });
});
