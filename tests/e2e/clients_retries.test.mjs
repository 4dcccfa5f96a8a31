// When the pinned clients ask again: by status, and what stops or delays them.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { generateText } from "ai";

import { HELLO, anthropic, openai, vercel } from "./support/clients.mjs";
import { startScripted, wholeAnswer } from "./support/scripted.mjs";

let server;
before(async () => {
  // The model's name says what is answered: "503", or "504 x-should-retry: false".
  server = await startScripted((line, request) => {
    const { model } = JSON.parse(request.body);
    if (model === "silent") return;
    const [status, ...header] = model.split(" ");
    const body = { type: "error", error: { type: "api_error", message: "no", code: null, param: null } };
    line.send(wholeAnswer(status, body, { more: `retry-after-ms: 5\r\n${header.length ? `${header.join(" ")}\r\n` : ""}` }));
  });
});
after(() => server.stop());

const ask = {
  // Without maxRetries: what they do when nobody told them anything.
  openai: (model) => openai(server.url, { maxRetries: undefined }).chat.completions.create({ model, messages: HELLO }),
  anthropic: (model) => anthropic(server.url, { maxRetries: undefined }).messages.create({ model, max_tokens: 9, messages: HELLO }),
  ai: (model) => generateText({ model: vercel(server.url)(model), prompt: "hi" }),
};

const attemptsFor = (model) => server.requests.filter((request) => JSON.parse(request.body).model === model);

async function attempts(client, model) {
  const before = attemptsFor(model).length;
  await assert.rejects(ask[client](model));
  return attemptsFor(model).length - before;
}

describe("attempts by status", () => {
  const statuses = [[408, 3], [409, 3], [429, 3], [500, 3], [502, 3], [503, 3], [504, 3], [400, 1], [404, 1], [422, 1], [499, 1]];
  for (const client of Object.keys(ask)) {
    test(client, async () => {
      for (const [status, expected] of statuses) assert.equal(await attempts(client, String(status)), expected, `status ${status}`);
    });
  }
});

describe("hints", () => {
  for (const [client, expected] of [["openai", 1], ["anthropic", 1], ["ai", 3]]) {
    test(`x-should-retry: false and ${client}`, async () => assert.equal(await attempts(client, "504 x-should-retry: false"), expected));
  }

  test("openai numbers its attempts", async () => {
    await assert.rejects(ask.openai("500 X-Numbered: yes"));
    const numbers = attemptsFor("500 X-Numbered: yes").map((request) => request.headers["x-stainless-retry-count"]);
    assert.deepEqual(numbers, ["0", "1", "2"]);
  });

  test("openai sleeps for as long as Retry-After says, also above 60 s", async (context) => {
    const asked = [];
    const real = globalThis.setTimeout;
    context.mock.method(globalThis, "setTimeout", (work, ms, ...rest) => {
      asked.push(ms);
      return real(work, ms === 3_700_000 ? 0 : ms, ...rest);
    });
    const sleeper = await startScripted((line) => line.send(wholeAnswer(503, { error: { message: "no" } }, { more: "Retry-After: 3700\r\n" })));
    await assert.rejects(openai(sleeper.url, { maxRetries: 1 }).chat.completions.create({ model: "m", messages: HELLO }), { status: 503 });
    assert.ok(asked.includes(3_700_000), String(asked));
    assert.equal(sleeper.requests.length, 2);
    sleeper.stop();
  });
});

describe("what they say of their own limits", () => {
  const sentBy = async (call) => {
    const count = server.requests.length;
    await assert.rejects(call);
    return server.requests[count].headers;
  };

  test("openai: x-stainless-timeout only for the timeout of a request", async () => {
    const create = (options, more) => openai(server.url, options).chat.completions.create({ model: "400", messages: HELLO }, more);
    assert.equal((await sentBy(create({})))["x-stainless-timeout"], undefined);
    assert.equal((await sentBy(create({ timeout: 9000 })))["x-stainless-timeout"], undefined);
    assert.equal((await sentBy(create({}, { timeout: 9000 })))["x-stainless-timeout"], "9");
  });

  test("Anthropic: always", async () => {
    const create = (more) => anthropic(server.url).messages.create({ model: "400", max_tokens: 9, messages: HELLO }, more);
    assert.equal((await sentBy(create()))["x-stainless-timeout"], "600");
    assert.equal((await sentBy(create({ timeout: 9000 })))["x-stainless-timeout"], "9");
  });

  test("openai: silence until its own limit, and it asks three times", async () => {
    const impatient = openai(server.url, { maxRetries: undefined, timeout: 100 });
    await assert.rejects(impatient.chat.completions.create({ model: "silent", messages: HELLO }), { name: "Error", message: "Request timed out." });
    assert.deepEqual(attemptsFor("silent").map((request) => request.headers["x-stainless-retry-count"]), ["0", "1", "2"]);
  });
});
