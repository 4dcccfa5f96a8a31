// Slots of a provider and the queue for them: by deadline, bounded, honest, and never for those who have left.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { HELLO, anthropic, openai } from "./support/clients.mjs";
import { provider } from "./support/gateway.mjs";
import { chat, startManaged } from "./support/management.mjs";
import { jsonRequest, openRaw } from "./support/raw.mjs";
import { answers, held, rule, startSteered, targetOf } from "./support/steered.mjs";
import { timed, until } from "./support/until.mjs";

const SLOTS = 2;
const WAITING_MAX = 3;
const QUEUE_SECONDS = 0.4;
const LATE_MS_MAX = 4000;

let upstream;
let gateway;
let api;
before(async () => {
  upstream = await startSteered();
  const slots = (name, slots, waiting, more = "") => provider(name, `${upstream.url}/v1`, { more: `in_flight_max = ${slots}\nwaiting_max = ${waiting}\n${more}` });
  gateway = await startManaged({
    threads: 2,
    config:
      slots("one", 1, 100) + slots("two", SLOTS, 500) + slots("narrow", 1, WAITING_MAX) + slots("none-waits", 1, 0) + provider("free", `${upstream.url}/v1`) +
      slots("hasty", 1, 100, `timeouts = { queue_seconds = ${QUEUE_SECONDS} }`) +
      rule("busy-or-free", [["none-waits", "busy"], ["free", "busy-free"]]),
  });
  api = gateway.api;
});
after(async () => {
  await gateway?.stop();
  upstream?.stop();
});

const waitingFor = (name, model, count) => until(`${count} wait`, () => targetOf(api, model, name), (one) => one?.waiting === count);
const askedFor = (model, count) => until(`${count} calls`, () => upstream.calls(model).length, (now) => now === count);
const settled = async (name, model) => {
  const state = await until("nothing runs", () => targetOf(api, model, name), (one) => one.in_flight === 0);
  assert.deepEqual([state.slots_taken, state.waiting], [0, 0]);
};
/** Takes the only slot of `name`: {first, kept}. */
const occupy = async (name, model, then) => {
  const kept = held(then);
  upstream.does(model, kept);
  const before = upstream.calls(model).length;
  const first = chat(gateway.url, `${name}/${model}`);
  await askedFor(model, before + 1);
  return { first, kept };
};

describe("slots", () => {
  test("no more calls at once than there are; of a batch of many everybody is served", async () => {
    const kept = held();
    upstream.does("batch", kept);
    const many = 60;
    const all = Array.from({ length: many }, () => chat(gateway.url, "two/batch"));
    await waitingFor("two", "batch", many - SLOTS);
    for (let released = 0; released < many; ++released) {
      await until("the slots are in use", () => kept.waiting.length, (count) => count === Math.min(SLOTS, many - released));
      assert.equal(upstream.calls("batch").length, Math.min(released + SLOTS, many));
      kept.release();
    }
    assert.deepEqual((await Promise.all(all)).map((answer) => answer.status), Array(many).fill(200));
    assert.equal(upstream.calls("batch").length, many);
    await settled("two", "batch");
  });

  test("each model has its own, and who waits is told of it afterwards", async () => {
    const { first, kept } = await occupy("one", "own");
    assert.equal((await chat(gateway.url, "one/another")).status, 200);
    const second = chat(gateway.url, "one/own");
    await waitingFor("one", "own", 1);
    kept.release();
    await askedFor("own", 2);
    kept.release();
    assert.equal((await first).status, 200);
    const answer = await second;
    const record = await gateway.recordWhen((one) => one.request_id === answer.headers["x-request-id"]);
    assert.ok(record.queue_ms > 0 && record.queue_ms <= record.duration_ms, JSON.stringify(record));
    await settled("one", "own");
  });
});

describe("the queue", () => {
  test("is ordered by deadline, and seen from outside", async () => {
    const { first, kept } = await occupy("one", "order");
    const finished = [first];
    const ids = [];
    for (const [id, seconds] of [["late", "50"], ["early", "20"], ["middle", "30"], ["without", undefined]]) {
      ids.push(id);
      finished.push(chat(gateway.url, "one/order", { headers: { "X-Request-ID": id, ...(seconds ? { "X-Request-Timeout": seconds } : {}) }, more: { user: id } }));
      await waitingFor("one", "order", ids.length);
    }
    const running = () => api.get("/api/requests/running").then(({ requests }) => Object.fromEntries(requests.filter((one) => ids.includes(one.request_id)).map((one) => [one.request_id, one])));
    const seen = await until("their places", running, (one) => one.without?.queue_place === 3 && one.late?.queue_place === 2);
    assert.deepEqual(["early", "middle", "late", "without"].map((id) => [seen[id].queue_place, seen[id].phase]), [0, 1, 2, 3].map((place) => [place, "queue"]));
    assert.ok(Object.values(seen).every((one) => one.queue_forecast_ms >= 0));
    for (let calls = 2; calls <= 5; ++calls) {
      kept.release();
      await askedFor("order", calls);
    }
    kept.release();
    await Promise.all(finished);
    assert.deepEqual(upstream.calls("order").slice(1).map((body) => body.user), ["early", "middle", "late", "without"]);
    await settled("one", "order");
  });

  test("who finds it full is refused at once, as each SDK reads it", async () => {
    const { first, kept } = await occupy("narrow", "full");
    const waiters = Array.from({ length: WAITING_MAX }, () => chat(gateway.url, "narrow/full"));
    await waitingFor("narrow", "full", WAITING_MAX);
    const words = `Provider 'narrow' has as many requests for model 'full' as it takes at once (1), and ${WAITING_MAX} more wait already.`;
    for (const ask of [() => openai(gateway.url).chat.completions.create({ model: "narrow/full", messages: HELLO }), () => anthropic(gateway.url).messages.create({ model: "narrow/full", max_tokens: 9, messages: HELLO })]) {
      const { error, ms } = await timed(ask);
      assert.equal(error?.status, 503, String(error));
      assert.ok(error.message.includes(words), error.message);
      assert.ok(Number(error.headers.get("retry-after")) >= 1 && ms < LATE_MS_MAX);
      assert.notEqual(error.headers.get("x-should-retry"), "false");
    }
    const record = await gateway.recordWhen((one) => one.model === "narrow/full" && one.outcome === "refused");
    assert.deepEqual(record.attempts.map((one) => [one.outcome, one.detail]), [["busy", words]]);
    for (let calls = 2; calls <= 1 + WAITING_MAX; ++calls) {
      kept.release();
      await askedFor("full", calls);
    }
    kept.release();
    assert.deepEqual((await Promise.all([first, ...waiters])).map((answer) => answer.status), Array(1 + WAITING_MAX).fill(200));
    const state = await targetOf(api, "full", "narrow");
    assert.deepEqual([state.calls, state.failures, state.failures_in_a_row], [1 + WAITING_MAX, 0, 0]);
    await settled("narrow", "full");
  });

  test("an SDK that retries comes back when there is room", async () => {
    const { first, kept } = await occupy("none-waits", "room");
    const retried = openai(gateway.url, { maxRetries: 3 }).chat.completions.create({ model: "none-waits/room", messages: HELLO });
    await gateway.recordWhen((one) => one.model === "none-waits/room" && one.outcome === "refused");
    upstream.does("room", answers("there is room"));
    kept.release();
    await first;
    assert.equal((await retried).choices[0].message.content, "there is room");
  });

  test("another target is asked instead of waiting in vain", async () => {
    const { first, kept } = await occupy("none-waits", "busy");
    upstream.does("busy-free", answers("free"));
    const answer = await chat(gateway.url, "busy-or-free");
    assert.equal(answer.body.choices[0].message.content, "free");
    const record = await gateway.recordWhen((one) => one.request_id === answer.headers["x-request-id"]);
    assert.deepEqual(record.attempts.map((one) => [one.provider, one.outcome]), [["none-waits", "busy"], ["free", "success"]]);
    kept.release();
    await first;
  });

  test("who cannot be served in time, as far as can be told, is refused at once", async () => {
    const learnt = await occupy("one", "slow");
    const asked = performance.now();
    await until("it takes a while", () => performance.now() - asked, (ms) => ms > 800);
    learnt.kept.release();
    await learnt.first;
    const { first, kept } = await occupy("one", "slow");
    const { value: answer, ms } = await timed(() => chat(gateway.url, "one/slow", { headers: { "X-Request-Timeout": "0.7" } }));
    assert.equal(answer.status, 503, answer.text);
    assert.match(answer.body.error.message, /^Provider 'one' could begin with this request for model 'slow' in about (0\.[89]|\d+\.\d) s, which is too late for its deadline\.$/);
    assert.ok(Number(answer.headers["retry-after"]) >= 1 && Number(answer.headers["retry-after-ms"]) >= 800);
    assert.ok(ms < 700, `${ms} ms: at once, and not at the deadline`);
    kept.release();
    await first;
    assert.equal(upstream.calls("slow").length, 2, "it was never dispatched");
    await settled("one", "slow");
  });

  test("its limit fires with words of its own", async () => {
    const { first, kept } = await occupy("hasty", "limit");
    const { error, ms } = await timed(() => openai(gateway.url).chat.completions.create({ model: "hasty/limit", messages: HELLO }));
    assert.equal(error?.status, 503, String(error));
    assert.match(error.message, /Request timed out: no slot became free after 0\.4 seconds/);
    assert.ok(ms >= QUEUE_SECONDS * 1000 && ms < QUEUE_SECONDS * 1000 + LATE_MS_MAX, `${ms} ms`);
    const record = await gateway.recordWhen((one) => one.model === "hasty/limit" && one.outcome === "timeout");
    assert.deepEqual([record.limit, record.limit_seconds, record.limit_source], ["queue", QUEUE_SECONDS, "provider hasty: queue_seconds"]);
    assert.ok(record.queue_ms >= QUEUE_SECONDS * 1000);
    kept.release();
    await first;
    assert.equal(upstream.calls("limit").length, 1, "it was never dispatched");
    await settled("hasty", "limit");
  });

  test("who leaves is never dispatched, and no slot is lost to it", async () => {
    const { first, kept } = await occupy("one", "left");
    const clients = await Promise.all(Array.from({ length: 20 }, () => openRaw(gateway.port)));
    clients.forEach((client, index) => client.write(jsonRequest("/v1/chat/completions", { model: "one/left", messages: HELLO, stream: index % 2 === 0 })));
    await waitingFor("one", "left", clients.length);
    const stays = chat(gateway.url, "one/left", { more: { user: "stays" } });
    await waitingFor("one", "left", clients.length + 1);
    clients.forEach((client) => client.destroy());
    await waitingFor("one", "left", 1);
    kept.release();
    await askedFor("left", 2);
    kept.release();
    assert.deepEqual([(await first).status, (await stays).status], [200, 200]);
    assert.deepEqual(upstream.calls("left").map((body) => body.user), [undefined, "stays"]);
    const cancelled = () => gateway.records().filter((one) => one.model === "one/left" && one.outcome === "cancelled");
    const records = await until("their records", cancelled, (all) => all.length === clients.length);
    assert.ok(records.every((one) => one.ended_by === "client" && one.attempts[0].outcome === "cancelled"));
    await settled("one", "left");
  });
});
