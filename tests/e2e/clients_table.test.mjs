// The table of clients.md, row by row, against the pinned clients. No gateway here: this is what it is built around.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { generateText, streamText } from "ai";

import { HELLO, anthropic, drainAnthropic, drainOpenai, drainVercel, openai, vercel } from "./support/clients.mjs";
import { error, startRows } from "./support/wire_rows.mjs";

let rows;
let ask;
before(async () => {
  rows = await startRows();
  ask = {
    openai: (model) => drainOpenai(() => openai(rows.url).chat.completions.create({ model, messages: HELLO, stream: true })),
    ai: (model) => drainVercel(streamText({ model: vercel(rows.url)(model), prompt: "hi", maxRetries: 0, onError: () => {} })),
    anthropic: (model) => drainAnthropic(() => anthropic(rows.url).messages.create({ model, max_tokens: 9, messages: HELLO, stream: true })),
  };
});
after(() => rows.stop());

const finishOf = (seen) => seen.finish ?? seen.stop ?? null;

const whole = (seen) => {
  assert.equal(seen.error, undefined);
  assert.equal(seen.text, "one two");
  assert.match(finishOf(seen), /^(stop|end_turn)$/);
};
const throwsOurs = (seen) => {
  assert.equal(seen.error.message, error.message);
  assert.deepEqual([seen.text, seen.finish], ["one two", null]);
};
const throwsOursInIt = (seen) => {
  assert.ok(seen.error.message.includes(error.message), seen.error.message);
  assert.deepEqual([seen.text, seen.stop], ["one two", null]);
};
const errorPart = (seen) => {
  assert.equal(seen.error.message, error.message);
  assert.deepEqual([seen.text, seen.finish, seen.thrown], ["one two", "error", undefined]);
};
const looksLikeSuccess = (seen) => {
  assert.equal(seen.error, undefined);
  assert.deepEqual([seen.text, finishOf(seen)], ["one two", null]);
};
const throwsTerminated = (seen) => {
  assert.match(seen.error.message, /terminated/);
  assert.equal(seen.text, "one two");
};

const table = [
  ["comment-before", whole, whole, whole],
  ["comment-between", whole, whole, whole],
  ["comment-after-id", whole, whole, whole],
  ["retry-alone", whole, whole, whole],
  ["event-without-data", (seen) => assert.ok(seen.error instanceof SyntaxError, String(seen.error)), whole, whole],
  ["error-as-data", throwsOurs, errorPart, looksLikeSuccess],
  ["error-event", throwsOurs, errorPart, throwsOursInIt],
  [
    "problem-without-error",
    (seen) => {
      looksLikeSuccess(seen);
      assert.equal(seen.chunks.length, 3);  // the problem itself is the third
    },
    (seen) => assert.equal(seen.error.name, "AI_TypeValidationError"),
    throwsOursInIt,
  ],
  ["problem-with-error", throwsOurs, errorPart, throwsOursInIt],
  ["anthropic-error", throwsOurs, errorPart, throwsOursInIt],
  [
    "data-after-error",
    (seen) => assert.deepEqual([seen.text, seen.error.message], ["one", error.message]),
    (seen) => assert.deepEqual([seen.text, seen.error.message, seen.finish], ["one two", error.message, "stop"]),
    (seen) => assert.deepEqual([seen.text, seen.error.message.includes(error.message)], ["one", true]),
  ],
  ["no-end-mark", looksLikeSuccess, (seen) => assert.deepEqual([seen.finish, seen.error.name], ["error", "AI_InvalidResponseDataError"]), looksLikeSuccess],
  ["aborted", throwsTerminated, (seen) => assert.ok(seen.thrown && seen.text === "one two", String(seen.error)), throwsTerminated],
];

describe("rows", { concurrency: true }, () => {
  for (const [row, ...expectations] of table) {
    ["openai", "ai", "anthropic"].forEach((client, index) => {
      test(`${row}: ${client}`, async () => expectations[index](await ask[client](row)));
    });
  }

  test("white space before a JSON answer, over 0.9 s: all three wait and read it", async () => {
    const [first, second, third] = await Promise.all([
      openai(rows.url).chat.completions.create({ model: "blanks", messages: HELLO }),
      generateText({ model: vercel(rows.url)("blanks"), prompt: "hi", maxRetries: 0 }),
      anthropic(rows.url).messages.create({ model: "blanks", max_tokens: 9, messages: HELLO }),
    ]);
    assert.deepEqual([first.choices[0].message.content, second.text, third.content[0].text], ["one two", "one two", "one two"]);
  });
});
