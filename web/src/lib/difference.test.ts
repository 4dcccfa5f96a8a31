import { describe, expect, it } from "vitest";
import { sentenceOf, valueText } from "../pages/access/changes";
import { differences } from "./difference";

describe("a change", () => {
  it("is told field by field", () => {
    expect(differences({ a: 1, b: { c: 2 } }, { a: 1, b: { c: 3 }, d: "new" })).toEqual([
      { path: "b.c", before: "2", after: "3" },
      { path: "d", before: undefined, after: "new" },
    ]);
  });
  it("of nothing into something is what there is now", () => {
    expect(differences(null, { models: ["a", "b"], limit: null })).toEqual([
      { path: "models", before: undefined, after: "a, b" },
    ]);
  });
  it("is a sentence", () => {
    expect(sentenceOf({ action: "update", subject: "timeouts" })).toBe("changed the timeouts");
    expect(sentenceOf({ action: "create", subject: "rule:gpt-*" })).toBe("added rule gpt-*");
    expect(sentenceOf({ action: "session.create", subject: "session:ada" })).toBe("signed in");
  });
  it("has values as they read elsewhere", () => {
    expect(valueText("timeouts.first_token_seconds", "90")).toBe("1 min 30 s");
    expect(valueText("targets", '[{"provider":"a"},{"provider":"b","model":"m"}]')).toBe("a, then b as m");
  });
});
