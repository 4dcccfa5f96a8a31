// Trying again and elsewhere: inside one budget, bounded, as the upstream asks, and never once content has gone out.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { HELLO, drainOpenai, openai } from "./support/clients.mjs";
import { provider } from "./support/gateway.mjs";
import { chat, startManaged } from "./support/management.mjs";
import { answers, breaksOff, fails, held, inTurn, resets, rule, silent, startSteered, targetOf } from "./support/steered.mjs";
import { timed, until } from "./support/until.mjs";

const BACK_OFF_SECONDS = 0.1;
const ATTEMPT_SECONDS = 0.3;
const LATE_MS_MAX = 4000;

let upstream;
let gateway;
let frugal; // [retries] bounds what it tries again
before(async () => {
  upstream = await startSteered();
  const up = provider("up", `${upstream.url}/v1`) + provider("limited", `${upstream.url}/v1`, { more: `timeouts = { attempt_seconds = ${ATTEMPT_SECONDS} }` });
  const pair = (name, more) => rule(name, [["up", `${name}-a`], ["up", `${name}-b`]], more);
  const never = "[breaker]\nfailures_in_a_row = 0\nerror_share = 0\ncheck_seconds = 0\n";
  [gateway, frugal] = await Promise.all([
    startManaged({
      config:
        `${never}[retries]\nback_off_seconds = ${BACK_OFF_SECONDS}\n[timeouts]\nheartbeat_seconds = 0.1\n${up}` +
        ["again", "bounded", "asked", "too-long"].map((name) => rule(name, [["up", name]], `retries_max = ${name === "bounded" ? 2 : 3}`)).join("") +
        ["other", "refused", "begun", "silent-begin", "late", "beaten"].map((name) => pair(name, "")).join("") + pair("paused", "retries_max = 3") +
        rule("many", Array.from({ length: 6 }, (_, index) => ["limited", `many-${index}`])),
    }),
    startManaged({ config: `${never}[retries]\nshare = 0.1\nper_second = 0\nback_off_seconds = 0\n${up}${rule("bounded", [["up", "share"]], "retries_max = 1")}` }),
  ]);
});
after(async () => {
  await Promise.all([gateway, frugal].map((one) => one?.stop()));
  upstream?.stop();
});

const textOf = (answer) => answer.body?.choices?.[0].message.content;
const recordOf = (answer) => gateway.recordWhen((one) => one.request_id === answer.headers["x-request-id"]);

describe("the same target", () => {
  test("is asked again after a pause that doubles", async () => {
    upstream.does("again", inTurn(fails(503), fails(500), resets, answers("at last")));
    const { value: answer, ms } = await timed(() => chat(gateway.url, "again"));
    assert.deepEqual([answer.status, textOf(answer), upstream.calls("again").length], [200, "at last", 4]);
    assert.ok(ms >= (1 + 2 + 4) * BACK_OFF_SECONDS * 1000, `${ms} ms`);
    const { attempts, outcome } = await recordOf(answer);
    assert.deepEqual([outcome, attempts.map((one) => [one.outcome, one.status])], ["success", [["status", 503], ["status", 500], ["reset", undefined], ["success", 200]]]);
  });

  test("no more often than the rule says: then its own answer comes", async () => {
    upstream.does("bounded", fails(503));
    const answer = await chat(gateway.url, "bounded");
    assert.deepEqual([answer.status, answer.body.error.message, upstream.calls("bounded").length], [503, "it failed with 503", 3]);
  });

  for (const status of [400, 401, 404, 422, 501]) {
    test(`not after ${status}`, async () => {
      const before = upstream.calls("again").length;
      upstream.does("again", fails(status));
      assert.equal((await chat(gateway.url, "again")).status, status);
      assert.equal(upstream.calls("again").length, before + 1);
    });
  }

  test("not where no rule says so", async () => {
    upstream.does("unruled", fails(503));
    assert.equal((await chat(gateway.url, "up/unruled")).status, 503);
    assert.equal(upstream.calls("unruled").length, 1);
  });
});

describe("Retry-After", () => {
  test("is waited for where it fits into the budget", async () => {
    upstream.does("asked", inTurn(fails(429, "Retry-After: 1\r\n"), answers("now")));
    const { value: answer, ms } = await timed(() => chat(gateway.url, "asked", { headers: { "X-Request-Timeout": "30" } }));
    assert.deepEqual([textOf(answer), upstream.calls("asked").length], ["now", 2]);
    assert.ok(ms >= 1000 && ms < 1000 + LATE_MS_MAX, `${ms} ms`);
  });

  test("is passed on at once where it does not, as an SDK reads it", async () => {
    upstream.does("too-long", fails(429, "Retry-After: 20\r\n"));
    const client = openai(gateway.url, { defaultHeaders: { "X-Request-Timeout": "10" } });
    const { error, ms } = await timed(() => client.chat.completions.create({ model: "too-long", messages: HELLO }));
    assert.deepEqual([error?.status, error?.headers.get("retry-after"), upstream.calls("too-long").length], [429, "20", 1]);
    assert.ok(ms < LATE_MS_MAX, `${ms} ms`);
  });

  test("another target is asked instead, and first as long as that lasts", async () => {
    upstream.does("paused-a", fails(429, "Retry-After: 50\r\n"));
    upstream.does("paused-b", answers("from b"));
    for (let i = 0; i < 3; ++i) assert.equal(textOf(await chat(gateway.url, "paused")), "from b");
    assert.deepEqual([upstream.calls("paused-a").length, upstream.calls("paused-b").length], [1, 3]);
    const state = await targetOf(gateway.api, "paused-a");
    assert.deepEqual([state.paused, state.state, state.failures], [true, "closed", 0]);
    assert.equal((await targetOf(gateway.api, "paused-b")).paused, false);
    // It is no refusal: what nobody else can answer still goes there.
    upstream.does("paused-b", fails(500));
    upstream.does("paused-a", answers("from a"));
    assert.equal(textOf(await chat(gateway.url, "paused")), "from a");
  });
});

describe("another target", () => {
  for (const [name, behaviour, outcome] of [["500", fails(500), "status"], ["429", fails(429), "status"], ["a reset", resets, "reset"]]) {
    test(`answers after ${name}`, async () => {
      upstream.does("other-a", behaviour);
      for (const stream of [false, true]) {
        const answer = await chat(gateway.url, "other", { more: { stream } });
        assert.equal(answer.status, 200, answer.text);
        assert.match(answer.text, /hello/);
        assert.deepEqual((await recordOf(answer)).attempts.map((one) => [one.model, one.outcome]), [["other-a", outcome], ["other-b", "success"]]);
      }
    });
  }

  test("is not asked what the first has refused", async () => {
    upstream.does("refused-a", fails(400));
    assert.equal((await chat(gateway.url, "refused")).status, 400);
    assert.equal(upstream.calls("refused-b").length, 0);
  });

  test("is not asked once content has reached the client", async () => {
    upstream.does("begun-a", breaksOff("half"));
    const seen = await drainOpenai(() => openai(gateway.url, { defaultHeaders: { Connection: "close" } }).chat.completions.create({ model: "begun", messages: HELLO, stream: true }));
    assert.equal(seen.text, "half");
    assert.match(seen.error?.message ?? "", /broke off/);
    assert.equal(upstream.calls("begun-b").length, 0);
  });

  test("answers where nothing but a head has come, or heartbeats have gone out", async () => {
    upstream.does("silent-begin-a", breaksOff());
    upstream.does("silent-begin-b", answers("whole"));
    const answer = await chat(gateway.url, "silent-begin", { more: { stream: true } });
    assert.match(answer.text, /whole[^]*\[DONE\]/);
    const breaking = held(fails(500));
    upstream.does("beaten-a", breaking);
    upstream.does("beaten-b", answers("whole"));
    const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ model: "beaten", messages: HELLO, stream: true }) });
    const reader = response.body.getReader();
    const first = new TextDecoder().decode((await reader.read()).value);
    assert.match(first, /^:/, "a heartbeat");
    breaking.release();
    let rest = "";
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) rest += new TextDecoder().decode(piece.value);
    assert.match(rest, /whole[^]*\[DONE\]/);
    assert.doesNotMatch(rest, /"error"/);
  });
});

describe("one budget", () => {
  test("ends all attempts together", async () => {
    for (let index = 0; index < 6; ++index) upstream.does(`many-${index}`, silent);
    const total = 2.5 * ATTEMPT_SECONDS;
    const { value: answer, ms } = await timed(() => chat(gateway.url, "many", { headers: { "X-Request-Timeout": String(total) } }));
    assert.deepEqual([answer.status, answer.headers["x-should-retry"]], [504, "false"]);
    assert.match(answer.body.error.message, /^Request timed out after 0\.75 seconds/);
    assert.ok(ms >= total * 1000 && ms < total * 1000 + LATE_MS_MAX, `${ms} ms`);
    const { attempts } = await recordOf(answer);
    assert.deepEqual(attempts.map((one) => [one.model, one.outcome]), [["many-0", "timeout"], ["many-1", "timeout"], ["many-2", "timeout"]]);
  });

  test("a target that usually takes longer than what is left is not asked", async () => {
    const slow = held();
    upstream.does("late-b", slow);
    for (let i = 0; i < 3; ++i) {
      const usual = chat(gateway.url, "up/late-b");
      await until("it is asked", () => slow.waiting.length, (count) => count === 1);
      const asked = performance.now();
      await until("it took a while", () => performance.now() - asked, (ms) => ms > 600);
      slow.release();
      await usual;
    }
    const before = upstream.calls("late-b").length;
    upstream.does("late-a", fails(500));
    const answer = await chat(gateway.url, "late", { headers: { "X-Request-Timeout": "0.4" } });
    assert.deepEqual([answer.status, upstream.calls("late-b").length], [500, before], "the failure is told rather than a time-out");
    const patient = chat(gateway.url, "late", { headers: { "X-Request-Timeout": "30" } });
    await until("it is asked", () => slow.waiting.length, (count) => count === 1);
    slow.release();
    assert.equal((await patient).status, 200);
  });

  test("what is tried again is a share of the requests, whatever fails", async () => {
    upstream.does("share", fails(503));
    const requests = 100;
    for (let i = 0; i < requests; ++i) assert.equal((await chat(frugal.url, "bounded")).status, 503);
    // At the start there are so many as a hundred requests allow, and one; then each adds its share.
    const again = upstream.calls("share").length - requests;
    assert.ok(again >= 0.1 * requests && again <= 1 + 0.2 * requests, `${again} were tried again`);
    const used = upstream.calls("share").length;
    for (let i = 0; i < 20; ++i) await chat(frugal.url, "bounded");
    const more = upstream.calls("share").length - used - 20;
    assert.ok(more <= 3, `${more} of the next 20 were tried again`);
    assert.ok(more >= 1);
  });
});
