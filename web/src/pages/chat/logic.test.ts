import { describe, expect, test } from "vitest";
import { apply, ended, newAnswer, queriesOf, ROWS_KEPT, textOf, type Answer } from "./answer";
import { budgetOf, clocksOf, clockText, DEFAULTS, leftOf, passed, toneOf } from "./budget";
import type { ChatEvent, Limits } from "./events";
import { fitted, PICTURES_MAX, refusal, type Picture } from "./images";
import { read, written, type Kept } from "./keep";
import { BODY_CHARACTERS_MAX, messagesFor, type Question, type Turn } from "./messages";
import { firstChoice } from "./models";
import { orderProblems } from "./order";

const LIMITS: Limits = { model_call_seconds: 120, browser_seconds: 180, request_seconds: 300, rounds_max: 8 };
const question = (text: string, pictures: Picture[] = []): Question => ({ text, pictures, lost: 0 });
const picture = (characters: number): Picture => ({
  name: "p",
  url: "x".repeat(characters),
  width: 1,
  height: 1,
});

function told(answer: Answer, ...events: [ChatEvent["event"], unknown, number?][]): Answer {
  for (const [event, data, at] of events) apply(answer, { event, data } as ChatEvent, at ?? 1000);
  return answer;
}
const started = (elapsed_ms = 0): [ChatEvent["event"], unknown, number?] => [
  "start",
  { chat_id: "c", request_id: "r", model: "m", data_source: "s", limits: LIMITS, elapsed_ms },
];
const called = (round: number, at?: number): [ChatEvent["event"], unknown, number?] => [
  "call",
  { round, request_id: `r${round}`, limit_seconds: 120, elapsed_ms: 0 },
  at,
];
const asked = (id: number, round: number, at?: number): [ChatEvent["event"], unknown, number?] => [
  "query",
  { id, round, tool: "query", sql: "SELECT 1", reason: "why", limit_seconds: 30 },
  at,
];

describe("an answer", () => {
  test("grows with its events: rounds, text, queries, rows, the end", () => {
    const answer = told(
      newAnswer("m", 0),
      started(),
      called(1),
      ["delta", { round: 1, reasoning: "hm" }],
      ["delta", { round: 1, text: "One " }],
      ["delta", { round: 1, text: "two" }],
      ["call_end", { round: 1, finish_reason: "tool_calls", milliseconds: 5 }],
      asked(7, 1),
      ["rows", { id: 7, columns: ["a"], rows: [[1], [null]] }],
      ["rows", { id: 7, rows: [[3]] }],
      ["query_end", { id: 7, outcome: "success", rows: 3, bytes: 9, truncated: false, milliseconds: 4 }],
      called(2),
      ["delta", { round: 2, text: "three" }],
      ["end", { outcome: "success", rounds: 2, queries: 1, usage: { completion_tokens: 3 }, elapsed_ms: 77 }],
    );
    expect(answer).toMatchObject({
      state: "done",
      chatId: "c",
      elapsedMs: 77,
      usage: { completion_tokens: 3 },
    });
    expect(answer.rounds.map((round) => [round.text, round.reasoning, round.calling])).toEqual([
      ["One two", "hm", false],
      ["three", "", false],
    ]);
    expect(queriesOf(answer)).toMatchObject([
      { id: "7", outcome: "success", columns: ["a"], rows: [[1], [null], [3]], count: 3, error: "" },
    ]);
    expect(textOf(answer)).toBe("One two\n\nthree");
  });

  test("keeps a bounded number of rows, and knows how many there were", () => {
    const rows = Array.from({ length: 150 }, (_, at) => [at]);
    const answer = told(
      newAnswer("m", 0),
      asked(1, 1),
      ["rows", { id: 1, columns: ["n"], rows }],
      ["rows", { id: 1, rows }],
    );
    expect([queriesOf(answer)[0]?.rows.length, queriesOf(answer)[0]?.count]).toEqual([ROWS_KEPT, 300]);
  });

  test("events of a query that is not known change nothing", () => {
    const answer = told(
      newAnswer("m", 0),
      ["rows", { id: 9, rows: [[1]] }],
      ["query_end", { id: 9, outcome: "success", rows: 1, bytes: 1, truncated: false, milliseconds: 1 }],
    );
    expect(queriesOf(answer)).toEqual([]);
  });

  test("what still ran when it was over was stopped with it; what was said stays", () => {
    const answer = told(
      newAnswer("m", 500),
      started(),
      called(1),
      ["delta", { round: 1, text: "half" }],
      asked(1, 1, 2000),
    );
    ended(answer, "stopped", 2500);
    expect(answer).toMatchObject({
      state: "stopped",
      elapsedMs: 2000,
      rounds: [{ calling: false, text: "half" }],
    });
    expect(queriesOf(answer)).toMatchObject([{ outcome: "cancelled", milliseconds: 500 }]);
  });

  test("an error keeps its document", () => {
    const answer = told(newAnswer("m", 0), ["error", { status: 504, limit: "total", limit_seconds: 300 }]);
    expect(answer).toMatchObject({ state: "failed", problem: { limit: "total" } });
  });
});

describe("the budget", () => {
  const names = (answer: Answer, now: number) => {
    const { total, next, near } = budgetOf(clocksOf(answer, DEFAULTS), now);
    return { total: total?.seconds, next: next && [next.name, next.seconds], near };
  };

  test("before the start the limits as they are set count, from the question on", () => {
    expect(names(newAnswer("m", 0), 10_000)).toEqual({ total: 290, next: ["browser", 170], near: false });
  });

  test("then the gateway's clock, from when it began; and the model call, while it runs", () => {
    const answer = told(
      newAnswer("m", 0),
      ["start", { limits: LIMITS, elapsed_ms: 400, model: "m" }, 1000],
      called(1, 2000),
    );
    expect(names(answer, 12_000)).toEqual({ total: 288.6, next: ["model call", 110], near: false });
    apply(answer, { event: "call_end", data: { round: 1, finish_reason: "stop", milliseconds: 1 } }, 12_000);
    expect(names(answer, 12_000).next).toEqual(["browser", 168]);
  });

  test("a query has a clock of its own", () => {
    const answer = told(newAnswer("m", 0), started(), asked(1, 1, 5000));
    expect(names(answer, 6000).next).toEqual(["query", 29]);
  });

  test("the last fifth of the browser's own limit is near; whoever waits longer has only the server's", () => {
    const answer = told(newAnswer("m", 0), started());
    expect(names(answer, 143_000).near).toBe(false);
    expect(names(answer, 144_000)).toMatchObject({ next: ["browser", 36], near: true });
    answer.longer = true;
    expect(names(answer, 144_000)).toMatchObject({ next: ["server", 157], near: false });
  });

  test("of two that end together the inner one is named", () => {
    const clock = { startedAt: 0, limitSeconds: 10 };
    const { next } = budgetOf(
      [
        { name: "server", ...clock },
        { name: "model call", ...clock },
      ],
      1000,
    );
    expect(next?.name).toBe("model call");
  });

  test("nothing runs when it is over", () => {
    const answer = newAnswer("m", 0);
    ended(answer, "done", 1);
    expect(clocksOf(answer, LIMITS)).toEqual([]);
  });

  test("what is left is never below nothing nor above all", () => {
    expect(leftOf({ name: "server", startedAt: 0, limitSeconds: 5 }, 9000)).toMatchObject({
      seconds: 0,
      share: 0,
    });
    expect(leftOf({ name: "server", startedAt: 5000, limitSeconds: 5 }, 0)).toMatchObject({
      seconds: 5,
      share: 1,
    });
    expect([toneOf(0.5), toneOf(0.24), toneOf(0.09)]).toEqual(["good", "warn", "bad"]);
  });

  test("60, 30 and 10 seconds are said once", () => {
    expect([
      passed(61, 60),
      passed(60, 59),
      passed(31, 29.5),
      passed(10.2, 9.9),
      passed(70, 65),
      passed(0.5, 0),
    ]).toEqual([60, 0, 30, 10, 0, 0]);
  });

  test("as a clock, rounded up", () =>
    expect([clockText(252), clockText(6.1), clockText(0)]).toEqual(["4:12", "0:07", "0:00"]));
});

describe("the order of the limits", () => {
  const fields = (call: number, browser: number, request: number) =>
    orderProblems({ model_call_seconds: call, browser_seconds: browser, request_seconds: request }).map(
      (one) => one.field,
    );
  test("the defaults are right", () => expect(fields(120, 180, 300)).toEqual([]));
  test("equal is broken: nobody could tell", () => {
    expect(fields(180, 180, 300)).toEqual(["browser_seconds"]);
    expect(fields(120, 300, 300)).toEqual(["request_seconds"]);
  });
  test("all of it", () => {
    expect(fields(300, 200, 100)).toEqual(["browser_seconds", "request_seconds"]);
    expect(fields(300, 400, 350)).toEqual(["request_seconds"]);
  });
});

describe("what is sent", () => {
  const turn = (id: number, asked: Question, text: string): Turn => {
    const answer = told(newAnswer("m", 0), ["delta", { round: 1, text }]);
    return { id, question: asked, answer };
  };
  test("questions with their answers, then the new one; a question without an answer is left out", () => {
    const { messages, omitted } = messagesFor(
      [turn(1, question("a"), "A"), turn(2, question("b"), " ")],
      question("c"),
    );
    expect(omitted).toBe(0);
    expect(messages).toEqual([
      { role: "user", content: "a" },
      { role: "assistant", content: "A" },
      { role: "user", content: "c" },
    ]);
  });
  test("pictures go with their question; those of older ones only while there is room", () => {
    const half = Math.ceil(BODY_CHARACTERS_MAX / 2);
    const { messages, omitted } = messagesFor(
      [turn(1, question("a", [picture(half)]), "A"), turn(2, question("b", [picture(10)]), "B")],
      question("c", [picture(half)]),
    );
    expect(omitted).toBe(1);
    expect(messages[0]?.content).toBe("a");
    expect(messages[2]?.content).toMatchObject([{ type: "image_url" }, { type: "text", text: "b" }]);
    expect(messages[4]?.content).toHaveLength(2);
  });
});

describe("pictures", () => {
  test("what is not taken, in words", () => {
    const png = { name: "a.png", type: "image/png", size: 10 };
    expect(refusal(png, 0)).toBe("");
    expect(refusal({ ...png, type: "image/svg+xml" }, 0)).toMatch(/no picture that models read/);
    expect(refusal({ ...png, size: 21 * 1024 * 1024 }, 0)).toMatch(/more than 20 MiB/);
    expect(refusal(png, PICTURES_MAX)).toMatch(/at most 4/);
  });
  test("are made smaller in their own shape, never larger", () => {
    expect(fitted(4000, 1000)).toEqual({ width: 1568, height: 392 });
    expect(fitted(300, 200)).toEqual({ width: 300, height: 200 });
    expect(fitted(1, 100_000)).toEqual({ width: 1, height: 1568 });
  });
});

describe("over a reload", () => {
  const kept = (turns: Turn[]): Kept => ({ user: "u", model: "m", source: "", draft: "d", turns });
  const turnOf = (id: number, size = 0): Turn => ({
    id,
    question: question(`q${id}`, size ? [picture(size)] : []),
    answer: newAnswer("m", 0),
  });

  test("what was on its way has ended with the page", () => {
    const turn = turnOf(1);
    turn.answer.elapsedMs = 1500;
    expect(read(written(kept([turn])), "u")?.turns[0]?.answer).toMatchObject({
      state: "reloaded",
      elapsedMs: 1500,
    });
  });
  test("nobody else's, and nothing that cannot be read", () => {
    const text = written(kept([]));
    expect(read(text, "u")?.draft).toBe("d");
    expect([read(text, "other"), read("{", "u"), read(null, "u")]).toEqual([undefined, undefined, undefined]);
  });
  test("first the pictures go, then the oldest turns; how many pictures there were is known", () => {
    const whole = kept([turnOf(1, 4000), turnOf(2, 4000)]);
    const withoutPictures = read(written(whole, 6000), "u");
    expect(withoutPictures?.turns.map((turn) => [turn.question.pictures.length, turn.question.lost])).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(read(written(whole, 450), "u")?.turns.map((turn) => turn.id)).toEqual([2]);
    expect(whole.turns[0]?.question.pictures).toHaveLength(1);
  });
});

test("the model to begin with: the one used last, else one that is loaded, else the first", () => {
  const models = [
    { id: "a", provider: "p" },
    { id: "b", provider: "p", state: "ready" as const },
  ];
  expect([firstChoice(models, "z"), firstChoice(models, ""), firstChoice([], "")]).toEqual(["z", "b", ""]);
});
