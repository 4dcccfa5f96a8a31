import { expect, test } from "vitest";
import { moved, placeAt, scrollFor } from "./order";

test("an item moves, the others keep their order", () => {
  expect(moved(["a", "b", "c"], 0, 2)).toEqual(["b", "c", "a"]);
  expect(moved(["a", "b", "c"], 2, 0)).toEqual(["c", "a", "b"]);
  expect(moved(["a"], 3, 0)).toEqual(["a"]);
});

test("a dragged row goes where the pointer is; beyond the ends it is the first or last", () => {
  const rows = [0, 40, 80].map((top) => ({ top, bottom: top + 40 }));
  expect([-9, 0, 39, 40, 90, 500].map((y) => placeAt(y, rows, 0))).toEqual([0, 0, 0, 1, 2, 2]);
  expect(placeAt(-9, rows, 2)).toBe(0);
  expect(placeAt(0, [], 0)).toBe(0);
});

test("a low row passes a high one only where it is still below the pointer then", () => {
  const rows = [
    { top: 0, bottom: 40 },
    { top: 40, bottom: 140 },
  ];
  expect(placeAt(50, rows, 0)).toBe(0);
  expect(placeAt(101, rows, 0)).toBe(1);
  const after = [
    { top: 0, bottom: 100 },
    { top: 100, bottom: 140 },
  ];
  expect(placeAt(101, after, 1)).toBe(1);
  expect(placeAt(60, after, 1)).toBe(1);
  expect(placeAt(39, after, 1)).toBe(0);
});

test("near the ends it scrolls, the nearer the faster", () => {
  expect(scrollFor(400, 0, 800)).toBe(0);
  expect(scrollFor(63, 0, 800)).toBe(-1);
  expect(scrollFor(-50, 0, 800)).toBe(-16);
  expect(scrollFor(790, 0, 800)).toBe(14);
});
