// How targets are chosen: as they stand, by weight, by load; and those of weight 0 only after all others.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { provider } from "./support/gateway.mjs";
import { chat, startManaged } from "./support/management.mjs";
import { answers, fails, held, rule, startSteered, targetOf } from "./support/steered.mjs";
import { until } from "./support/until.mjs";

let upstream;
let gateway;
before(async () => {
  upstream = await startSteered();
  const of = (name, balance, ...weights) => rule(name, weights.map((weight, index) => ["up", `${name}-${"abc"[index]}`, weight]), balance && `balance = "${balance}"`);
  gateway = await startManaged({
    threads: 2,
    config:
      "[breaker]\nfailures_in_a_row = 0\nerror_share = 0\ncheck_seconds = 0\n[retries]\nper_second = 1000\n" + provider("up", `${upstream.url}/v1`) +
      of("stands", "", 1, 9) + of("weighted", "weighted", 3, 1) + of("reserve", "weighted", 0, 1, 1) + of("falls", "weighted", 1, 1, 0) +
      of("loaded", "least_loaded", 1, 1) + of("loaded-weights", "least_loaded", 2, 1) + of("loaded-reserve", "least_loaded", 1, 0),
  });
});
after(async () => {
  await gateway?.stop();
  upstream?.stop();
});

const counts = (name, letters = "ab") => [...letters].map((letter) => upstream.calls(`${name}-${letter}`).length);
const askMany = async (name, times) => {
  for (let i = 0; i < times; ++i) assert.equal((await chat(gateway.url, name)).status, 200);
};
/** So many calls that stay, one after the other. */
async function keep(name, times, letters = "ab") {
  const kept = held();
  for (const letter of letters) upstream.does(`${name}-${letter}`, kept);
  const all = [];
  for (let i = 1; i <= times; ++i) {
    all.push(chat(gateway.url, name));
    await until("it is asked", () => kept.waiting.length, (count) => count === i);
  }
  return async () => {
    kept.release(times);
    assert.ok((await Promise.all(all)).every((answer) => answer.status === 200));
  };
}

describe("in order", () => {
  test("the first, whatever the weights and the load", async () => {
    const release = await keep("stands", 4);
    assert.deepEqual(counts("stands"), [4, 0]);
    await release();
  });
});

describe("weighted", () => {
  test("as often as the weights say", async () => {
    await askMany("weighted", 400);
    const [a, b] = counts("weighted");
    // 300 of 400 on average, with a standard deviation of 9.
    assert.ok(a + b === 400 && a > 240 && a < 360, `${a} and ${b}`);
  });

  test("weight 0 only after all others", async () => {
    await askMany("reserve", 30);
    const [reserve, b, c] = counts("reserve", "abc");
    assert.ok(reserve === 0 && b > 0 && c > 0, `${reserve}, ${b} and ${c}`);
    upstream.does("reserve-b", fails());
    upstream.does("reserve-c", fails());
    const answer = await chat(gateway.url, "reserve");
    assert.equal(answer.status, 200);
    const record = await gateway.recordWhen((one) => one.request_id === answer.headers["x-request-id"]);
    assert.deepEqual([record.attempts.length, record.attempts.slice(0, 2).map((one) => one.model).sort(), record.attempts[2].model], [3, ["reserve-b", "reserve-c"], "reserve-a"]);
  });

  test("each target once, also when it fails", async () => {
    for (const letter of "abc") upstream.does(`falls-${letter}`, fails(503));
    for (let i = 1; i <= 5; ++i) {
      assert.equal((await chat(gateway.url, "falls")).status, 503);
      assert.deepEqual(counts("falls", "abc"), [i, i, i]);
    }
  });
});

describe("least loaded", () => {
  test("the one with the fewest calls in flight", async () => {
    const release = await keep("loaded", 6);
    assert.deepEqual(counts("loaded"), [3, 3]);
    assert.deepEqual([(await targetOf(gateway.api, "loaded-a")).in_flight, (await targetOf(gateway.api, "loaded-b")).in_flight], [3, 3]);
    await release();
    await until("nothing runs", () => targetOf(gateway.api, "loaded-a"), (one) => one.in_flight === 0);
  });

  test("for its weight", async () => {
    const release = await keep("loaded-weights", 9);
    assert.deepEqual(counts("loaded-weights"), [6, 3]);
    await release();
  });

  test("weight 0 waits for the others to fail, however busy they are", async () => {
    const release = await keep("loaded-reserve", 5);
    assert.deepEqual(counts("loaded-reserve"), [5, 0]);
    await release();
    upstream.does("loaded-reserve-a", fails());
    upstream.does("loaded-reserve-b", answers("reserve"));
    assert.equal((await chat(gateway.url, "loaded-reserve")).body.choices[0].message.content, "reserve");
  });
});
