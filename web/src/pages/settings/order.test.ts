import { describe, expect, it } from "vitest";
import { moved, rowAt } from "./order";

describe("the order", () => {
  it("moves one and keeps the others", () => {
    expect(moved(["a", "b", "c"], 0, 2)).toEqual(["b", "c", "a"]);
    expect(moved(["a", "b", "c"], 2, 0)).toEqual(["c", "a", "b"]);
    expect(moved(["a"], 5, 0)).toEqual(["a"]);
  });
  it("finds the row under the pointer", () => {
    const rows = [
      { top: 0, bottom: 40 },
      { top: 40, bottom: 100 },
    ];
    expect([rowAt(-5, rows), rowAt(39, rows), rowAt(41, rows), rowAt(500, rows)]).toEqual([0, 0, 1, 1]);
  });
});
