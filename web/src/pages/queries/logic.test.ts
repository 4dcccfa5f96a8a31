import { describe, expect, test } from "vitest";
import {
  countFilters,
  merged,
  noFilters,
  oneLine,
  queryChanges,
  reaches,
  readFilters,
  toQuery,
  toSearch,
  type QueryRecord,
} from "./filters";
import { recordWords } from "./words";

const record = (id: string, more: Partial<QueryRecord> = {}) =>
  ({ id, outcome: "success", ...more }) as QueryRecord;

describe("filters", () => {
  test("from the address and back; empty and repeated values are left out", () => {
    const filters = readFilters(
      new URLSearchParams("outcome=failed&outcome=failed&outcome=&user= ada &from=1h&query=7"),
    );
    expect(filters).toMatchObject({ outcome: ["failed"], user: ["ada"], from: "1h", to: "" });
    expect(toSearch(filters)).toBe("outcome=failed&user=ada&from=1h");
    expect(toQuery(filters)).toEqual({ outcome: ["failed"], user: ["ada"], from: "1h" });
    expect(countFilters(filters)).toBe(3);
  });
  test("what is not set is taken out of the address", () => {
    expect(Object.values(queryChanges(noFilters())).every((value) => value === null)).toBe(true);
    expect(toSearch(noFilters())).toBe("");
  });
});

describe("the newest page over what is there", () => {
  const list = [record("3", { outcome: "running" }), record("2"), record("1")];
  test("new ones on top, one that ran as it is now", () => {
    const now = merged(list, [record("4"), record("3")]);
    expect(now.map((one) => `${one.id} ${one.outcome}`)).toEqual([
      "4 success",
      "3 success",
      "2 success",
      "1 success",
    ]);
  });
  test("a gap is seen", () => {
    expect([reaches(list, [record("5"), record("3")]), reaches(list, [record("9")]), reaches([], [])]).toEqual([
      true,
      false,
      true,
    ]);
  });
});

test("a statement on one line", () => expect(oneLine("SELECT\n  1,\t2 ")).toBe("SELECT 1, 2"));

test("every outcome has its words", () => {
  const words = (outcome: QueryRecord["outcome"], more = {}) =>
    recordWords(record("1", { outcome, milliseconds: 1200, rows: 2, ...more }));
  expect(words("success")).toBe("It gave 2 rows in 1.2 s.");
  expect(words("success", { truncated: true })).toMatch(/cut at the bounds/);
  expect(words("refused", { error: "not authorized" })).toMatch(/did not run.*Not authorized\.$/);
  expect(words("failed", { error: "no such column" })).toMatch(/No such column\.$/);
  expect(words("timeout")).toMatch(/its time was up/);
  expect(words("cancelled")).toMatch(/did not wait/);
  expect(words("lost")).toMatch(/not known/);
  expect(words("running")).toMatch(/before it began/);
});
