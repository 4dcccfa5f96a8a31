import { describe, expect, test } from "vitest";
import { newAnswer, type Answer, type State } from "./answer";
import { DEFAULTS } from "./budget";
import type { ChatProblem } from "./events";
import { announcement, cellText, endingOf, outcomeWords, rowsWords, type Action } from "./words";

function answerOf(state: State, problem?: ChatProblem, more: Partial<Answer> = {}): Answer {
  return { ...newAnswer("gpt-x", 0), state, problem, limits: DEFAULTS, elapsedMs: 42_000, ...more };
}
const failed = (problem: ChatProblem) => endingOf(answerOf("failed", problem), DEFAULTS);

describe("each limit says which it was, where it is set, and what to do", () => {
  const limits: [string, RegExp, Action][] = [
    ["attempt", /one model call/, "limits"],
    ["total", /the server's, for all calls/, "limits"],
    ["query", /one query of this data source/, "sources"],
  ];
  test.each(limits)("%s", (limit, words, action) => {
    const ending = failed({ status: 504, limit, limit_seconds: 90, limit_source: "default" });
    expect(ending?.title).toMatch(/1 min 30 s/);
    expect(ending?.lines[0]).toMatch(words);
    expect(ending?.lines[0]).toMatch(/1 min 30 s, which is the default/);
    expect(ending?.actions).toContain(action);
  });
  test("rounds have no seconds", () => {
    const ending = failed({ status: 504, limit: "rounds" });
    expect(ending?.title).toBe("The model wanted more than 8 rounds");
    expect(ending?.lines.join(" ")).not.toMatch(/undefined|NaN/);
  });
  test("another limit of the gateway is named too", () => {
    const ending = failed({
      status: 504,
      limit: "first_token",
      limit_seconds: 30,
      limit_source: "stored timeouts.first_token_seconds",
    });
    expect(ending?.title).toMatch(/waiting for the first token/);
  });
  test("the same phases of a request to /v1 are not taken for the chat's own", () => {
    const ending = failed({
      status: 504,
      limit: "total",
      limit_seconds: 60,
      limit_source: "stored timeouts.chat_seconds",
    });
    expect(ending?.title).toBe("A limit of the gateway fired: the whole of one request");
    expect(ending?.lines[0]).toMatch(/1 min, set in the settings/);
  });
  test("the browser's own limit offers to wait longer, once", () => {
    const ending = endingOf(answerOf("gave_up"), DEFAULTS);
    expect(ending?.title).toBe("This page waited 3 min, its own limit");
    expect(ending?.actions).toContain("longer");
    expect(endingOf(answerOf("gave_up", undefined, { longer: true }), DEFAULTS)?.actions).not.toContain(
      "longer",
    );
  });
});

describe("what went wrong otherwise", () => {
  const cases: [string, ChatProblem, RegExp, Action][] = [
    [
      "an unknown model",
      { status: 404, detail: "there is no model gpt-x" },
      /There is no model “gpt-x”/,
      "providers",
    ],
    [
      "too many chats",
      { status: 503, detail: "As many chats as there may be at once (32) are going on" },
      /Too many chats/,
      "again",
    ],
    ["no place", { status: 503, detail: "the queue is full" }, /No place is free/, "again"],
    ["a provider that is down", { status: 502, detail: "refused" }, /provider does not answer/, "providers"],
    ["the session", { status: 401, detail: "nobody is signed in" }, /session has ended/, "again"],
    ["too large", { status: 413, detail: "more than 8 MiB" }, /too large/, "edit"],
    ["bad input", { status: 422, detail: "messages is empty" }, /cannot be sent/, "edit"],
    [
      "too many requests",
      { status: 429, detail: "slow down", retry_after_seconds: 2.2 },
      /Too many requests/,
      "again",
    ],
    ["no answer at all", { status: 0, detail: "cannot be reached" }, /did not answer/, "again"],
    ["something else", { status: 500, title: "Internal", detail: "oh" }, /Internal/, "request"],
  ];
  test.each(cases)("%s", (_, problem, title, action) => {
    const ending = failed(problem);
    expect(ending?.title).toMatch(title);
    expect(ending?.actions).toContain(action);
    expect(ending?.lines[0]?.toLowerCase()).toContain(problem.detail?.toLowerCase());
  });
  test("when it may go better is said", () => {
    expect(failed({ status: 503, detail: "chats", retry_after_seconds: 2.2 })?.lines).toContain(
      "It may go better in 3 s.",
    );
  });
});

test("what is there is called unfinished, with its queries", () => {
  const rounds = [
    {
      number: 1,
      requestId: "r",
      limitSeconds: 1,
      startedAt: 0,
      calling: false,
      text: "half",
      reasoning: "",
      finish: "",
      queries: [],
    },
  ];
  expect(endingOf(answerOf("stopped", undefined, { rounds }), DEFAULTS)?.lines[0]).toMatch(
    /The text above is unfinished\./,
  );
  expect(endingOf(answerOf("cut"), DEFAULTS)?.lines[0]).toMatch(/Nothing had been answered yet\./);
  expect(endingOf(answerOf("stopped"), DEFAULTS)?.title).toBe("Stopped by you after 42 s");
});

test("what runs or went well needs no words; the end is announced", () => {
  expect(endingOf(answerOf("running"), DEFAULTS)).toBeUndefined();
  expect(announcement(answerOf("done"), DEFAULTS)).toBe("The answer is there.");
});

test("queries in words", () => {
  expect(outcomeWords({ outcome: "refused", limitSeconds: 30, error: "not authorized" })).toBe(
    "It was refused and did not run: only what reads is allowed. Not authorized.",
  );
  expect(outcomeWords({ outcome: "timeout", limitSeconds: 30, error: "" })).toBe(
    "It was stopped: it may run 30 s.",
  );
  expect(rowsWords({ count: 1000, truncated: true }, 200)).toMatch(
    /^1,000 rows; the first 200 are shown; the result was longer/,
  );
  expect([cellText(null), cellText(0), cellText(false), cellText({ a: 1 })]).toEqual([
    "",
    "0",
    "false",
    '{"a":1}',
  ]);
});
