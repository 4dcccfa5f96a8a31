// Prompts and answers: never stored unless a setting says so, and then without what looks like a secret.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { chat, entryWhen, startManaged } from "./support/management.mjs";
import { until } from "./support/until.mjs";

const LOGS = "/api/settings/logs";
const KEY = "sk-canary-4f9a1c77b0d24e6f8a35c1d2";
const ADDRESS = "ada.canary@example.org";

let gateway;
let api;
before(async () => {
  gateway = await startManaged({ threads: 2 });
  api = gateway.api;
});
after(() => gateway.stop());

/** A request whose prompt, which the answer repeats, has a word, a key and an address in it. */
async function ask(id, word, more = {}) {
  const messages = [{ role: "user", content: `${word} ${KEY} and ${ADDRESS}` }];
  const answer = await chat(gateway.url, "sim:echo", { headers: { "X-Request-ID": id }, more: { messages, ...more } });
  assert.equal(answer.status, 200, answer.text);
  await entryWhen(api, (one) => one.request_id === id);
}

const contentsOf = async (id) => {
  const detail = await api.get(`/api/requests/${id}`);
  return { prompt: detail.prompt, answer: detail.answer };
};
const contentsWhen = (id) => until(`the contents of ${id}`, () => contentsOf(id), ({ prompt, answer }) => prompt !== undefined && answer !== undefined);

/** The files of the data folder that have the text in them. */
const filesWith = (text) => readdirSync(gateway.data).filter((name) => readFileSync(join(gateway.data, name)).includes(text));

test("by default nothing is stored", async () => {
  assert.equal((await api.get(LOGS)).contents, false);
  await ask("before", "unheard-canary");
});

for (const stream of [false, true]) {
  test(`switched on, they are stored from the next request on, redacted (${stream ? "a stream" : "in one piece"})`, async () => {
    assert.equal((await api.put(LOGS, { contents: true })).contents, true);
    const id = `heard-${stream}`;
    await ask(id, "heard-canary", { stream });
    const { prompt, answer } = await contentsWhen(id);
    assert.match(prompt, /heard-canary \[redacted:api_key\] and \[redacted:email\]/);
    assert.match(answer, /heard-canary/);
    for (const text of [prompt, answer]) assert.ok(!text.includes(KEY) && !text.includes(ADDRESS), text);
    // Neither where many are read at a time.
    const page = await api.get("/api/requests?count=500");
    assert.ok(page.requests.every((one) => !("prompt" in one) && !("answer" in one)));
  });
}

test("switched off, no more are stored; what was stored stays for its time", async () => {
  assert.equal((await api.put(LOGS, { contents: false })).contents, false);
  await ask("after", "silent-canary");
  // Of a request that ended later; contents are stored in the order in which requests end.
  await api.put(LOGS, { contents: true });
  await ask("last", "heard-again-canary");
  await contentsWhen("last");
  for (const id of ["before", "after"]) assert.deepEqual(await contentsOf(id), { prompt: undefined, answer: undefined });
  assert.ok((await contentsOf("heard-false")).prompt.includes("heard-canary"));
});

test("the files have what was to be stored, and neither the rest nor a secret", async () => {
  assert.ok(filesWith("heard-again-canary").some((name) => name.startsWith("punctual.db")));
  for (const text of ["unheard-canary", "silent-canary", KEY, ADDRESS]) assert.deepEqual(filesWith(text), [], text);
  assert.ok(!gateway.log().includes(KEY));
});
