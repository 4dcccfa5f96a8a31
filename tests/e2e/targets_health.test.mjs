// A provider that cannot be reached is looked at without using tokens, and asked again as soon as it is back.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { provider } from "./support/gateway.mjs";
import { chat, startManaged } from "./support/management.mjs";
import { fails, startSteered, targetOf } from "./support/steered.mjs";
import { until } from "./support/until.mjs";

const CHECK_SECONDS = 0.2;
const OPEN_SECONDS = 500;

let upstream;
let unchecked;
let gateway;
before(async () => {
  upstream = await startSteered();
  const config = (check) => `[breaker]\nfailures_in_a_row = 2\nopen_seconds = ${OPEN_SECONDS}\nopen_max_seconds = ${OPEN_SECONDS}\ncheck_seconds = ${check}\n${provider("up", `${upstream.url}/v1`)}`;
  [gateway, unchecked] = await Promise.all([startManaged({ config: config(CHECK_SECONDS) }), startManaged({ config: config(0) })]);
});
after(async () => {
  await Promise.all([gateway, unchecked].map((one) => one?.stop()));
  upstream?.stop();
});

const fail = async (at, model, status) => {
  for (let i = 0; i < 2; ++i) assert.equal((await chat(at.url, `up/${model}`)).status, status);
  assert.equal((await targetOf(at.api, model)).state, "open");
};

test("one that answers, but badly, is not looked at: that would say nothing of it", async () => {
  upstream.does("bad", fails(500));
  await fail(gateway, "bad", 500);
});

test("one that comes back is asked again long before its time", async () => {
  const { port } = upstream;
  upstream.stop();
  await fail(gateway, "away", 502);
  await fail(unchecked, "away", 502);
  assert.equal((await chat(gateway.url, "up/away")).status, 503);

  upstream = await startSteered({ port });
  const state = await until("it may be asked", () => targetOf(gateway.api, "away"), (one) => one.opens_in_ms === 0);
  assert.equal(state.state, "open", "only a call closes a breaker");
  assert.match(gateway.log(), /provider up can be reached again/);
  assert.ok(upstream.modelLists() > 0);
  assert.equal(upstream.requests.filter((request) => request.method !== "GET").length, 0, "no tokens");

  assert.equal((await chat(gateway.url, "up/away")).status, 200);
  assert.deepEqual([(await targetOf(gateway.api, "away")).state, upstream.calls("away").length], ["closed", 1]);
  assert.equal((await targetOf(gateway.api, "bad")).opens_in_ms > 1000, true, "it was left as it is");

  // Without checks it is left alone until its time.
  assert.ok((await targetOf(unchecked.api, "away")).opens_in_ms > 1000);
  assert.equal((await chat(unchecked.url, "up/away")).status, 503);
});

test("nothing is looked at while all is well", async () => {
  const before = upstream.modelLists();
  const asked = performance.now();
  await until("several rounds", () => performance.now() - asked, (ms) => ms > 4 * CHECK_SECONDS * 1000);
  assert.equal(upstream.modelLists(), before);
});
