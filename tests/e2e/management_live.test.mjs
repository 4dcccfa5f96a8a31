// What runs now, how an operator ends it, and the live events with their resume.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { HELLO, drainOpenai, openai, tokens } from "./support/clients.mjs";
import { chat, entryWhen, openEvents, startManaged } from "./support/management.mjs";
import { until } from "./support/until.mjs";

let gateway;
let api;
before(async () => {
  gateway = await startManaged({ threads: 2 });
  api = gateway.api;
});
after(() => gateway.stop());

const runningWhen = async (id) =>
  (await until(`${id} runs`, () => api.get("/api/requests/running"), ({ requests }) => requests.some((one) => one.request_id === id))).requests.find((one) => one.request_id === id);

describe("a request that runs", () => {
  test("is listed with what is left of its time, and ends by an operator with a readable error", async () => {
    const answer = chat(gateway.url, "sim:never", { headers: { "X-Request-ID": "run-1", "X-Request-Timeout": "50" } });
    const one = await runningWhen("run-1");
    assert.deepEqual([one.state, one.endpoint, one.model, one.provider, one.stream, one.next_limit, one.attempts], ["running", "chat", "sim:never", "sim", false, "total", 1]);
    assert.ok(one.total_remaining_ms > 30_000 && one.total_remaining_ms <= 50_000 && one.remaining_ms <= one.total_remaining_ms, JSON.stringify(one));
    assert.ok(Math.abs(one.elapsed_ms + one.total_remaining_ms - 50_000) < 5);
    assert.equal((await api.get("/api/requests/run-1")).state, "running");
    const cancelled = await api.call("POST", "/api/requests/run-1/cancel");
    assert.deepEqual([cancelled.status, cancelled.body], [202, { request_id: "run-1", cancelled: true }]);
    const { status, body } = await answer;
    assert.ok(status >= 400, String(status));
    assert.match(body.error.message, /operator/i);
    const entry = await entryWhen(api, (row) => row.request_id === "run-1");
    const { record } = await api.get(`/api/requests/${entry.id}`);
    assert.match(`${record.ended_by} ${record.detail ?? ""}`, /operator/i);
    assert.notEqual(record.outcome, "success");
    assert.equal((await api.call("POST", "/api/requests/run-1/cancel")).status, 404);
    assert.deepEqual((await api.get("/api/requests/running")).requests, []);
  });

  test("a stream ends with an error event that an SDK reads", async () => {
    const client = openai(gateway.url, { defaultHeaders: { Connection: "close", "X-Request-ID": "run-2" } });
    const stream = drainOpenai(() => client.chat.completions.create({ model: "sim:tokens=9,hang_after=3", messages: HELLO, stream: true }));
    const one = await until("three tokens", () => runningWhen("run-2"), (running) => running.content_events >= 3);
    assert.deepEqual([one.phase, one.stream], ["answer", true]);
    assert.equal((await api.call("POST", "/api/requests/run-2/cancel")).status, 202);
    const seen = await stream;
    assert.equal(seen.text, tokens(3));
    assert.match(seen.error.message, /operator/i);
  });
});

describe("events", () => {
  test("tell of requests, changes and what runs", async () => {
    const live = await openEvents(api);
    const answer = chat(gateway.url, "sim:tokens=1,ttft_ms=1500", { headers: { "X-Request-ID": "live-1" } });
    const running = await live.when((one) => one.event === "running" && one.data.requests.some((request) => request.request_id === "live-1"));
    assert.equal(running.id, undefined);
    await answer;
    const { id, data } = await live.when((one) => one.event === "request" && one.data.request_id === "live-1");
    assert.match(id, /^r\d+\.c\d+$/);
    assert.equal(data.status, 200);
    await api.put("/api/settings/timeouts", { idle_seconds: 99 });
    const change = await live.when((one) => one.event === "change" && one.data.subject === "timeouts");
    assert.deepEqual([change.data.actor, change.data.action], ["token:admin", "update"]);
    live.close();
  });

  test("with a filter: only those", async () => {
    const live = await openEvents(api, "/api/events?status=4xx");
    await chat(gateway.url, "sim:tokens=1", { headers: { "X-Request-ID": "filtered-1" } });
    await chat(gateway.url, "not there", { headers: { "X-Request-ID": "filtered-2" } });
    await live.when((one) => one.event === "request" && one.data.request_id === "filtered-2");
    assert.ok(live.events.every((one) => one.event !== "request" || one.data.request_id !== "filtered-1"));
    live.close();
    assert.equal((await api.call("GET", "/api/events?status=bad")).status, 400);
  });

  test("go on where a reader was, without a gap, over a restart", async () => {
    const live = await openEvents(api);
    const requestIds = (events) => events.filter((one) => one.event === "request").map((one) => one.data.request_id);
    for (let i = 0; i < 5; ++i) await chat(gateway.url, "sim:tokens=1", { headers: { "X-Request-ID": `resume-${i}` } });
    const last = await live.when((one) => one.event === "request" && one.data.request_id === "resume-2");
    live.close();
    for (let i = 5; i < 8; ++i) await chat(gateway.url, "sim:tokens=1", { headers: { "X-Request-ID": `resume-${i}` } });
    await gateway.stop();
    gateway = await startManaged({ data: gateway.data, threads: 2 });
    api = gateway.api;
    for (let i = 8; i < 10; ++i) await chat(gateway.url, "sim:tokens=1", { headers: { "X-Request-ID": `resume-${i}` } });
    for (const [target, headers] of [["/api/events", { "Last-Event-ID": last.id }], [`/api/events?last_event_id=${last.id}`, {}]]) {
      const resumed = await openEvents(api, target, headers);
      await resumed.when((one) => one.event === "request" && one.data.request_id === "resume-9");
      assert.deepEqual(requestIds(resumed.events), [3, 4, 5, 6, 7, 8, 9].map((i) => `resume-${i}`));
      resumed.close();
    }
  });

  test("many readers at once, and none that has left holds anything up", async () => {
    const readers = await Promise.all(Array.from({ length: 20 }, () => openEvents(api)));
    readers.slice(10).forEach((reader) => reader.close());
    await chat(gateway.url, "sim:tokens=1", { headers: { "X-Request-ID": "to-all" } });
    await Promise.all(readers.slice(0, 10).map((reader) => reader.when((one) => one.event === "request" && one.data.request_id === "to-all")));
    assert.equal((await api.call("GET", "/api/requests")).status, 200);
    readers.forEach((reader) => reader.close());
  });
});

describe("the state", () => {
  test("says what the gateway is and how its database does", async () => {
    const state = await api.get("/api/state");
    assert.deepEqual([state.storage.connected, state.storage.last_error, state.left_out], [true, "", []]);
    assert.ok(state.storage.kind.includes("punctual.db"));
    assert.ok(state.request_log.stored > 0);
    const ready = await (await fetch(`${gateway.url}/ready`)).json();
    assert.deepEqual(ready, { status: "ready", storage: "connected" });
  });
});
