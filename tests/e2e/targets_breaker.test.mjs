// A target that fails is left alone, and told about; what is no fault of its own never counts against it.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { HELLO, openai } from "./support/clients.mjs";
import { provider } from "./support/gateway.mjs";
import { chat, startManaged } from "./support/management.mjs";
import { jsonRequest, openRaw } from "./support/raw.mjs";
import { answers, breaksOff, fails, held, inTurn, metric, resets, rule, silent, startSteered, targetOf } from "./support/steered.mjs";
import { timed, until } from "./support/until.mjs";

const FAILURES = 3;
const OPEN_SECONDS = 50;
const SHORT_SECONDS = 0.3;

let upstream;
let lasting; // a breaker that opened stays open as long as a test runs
let brief; // one that opened is tried again soon
let sharing; // opens by the share of failures
before(async () => {
  upstream = await startSteered();
  const up = provider("up", `${upstream.url}/v1`);
  const limited = provider("limited", `${upstream.url}/v1`, { more: `timeouts = { first_token_seconds = ${SHORT_SECONDS}, idle_seconds = ${SHORT_SECONDS}, attempt_seconds = ${SHORT_SECONDS} }` });
  const rules = rule("pair", [["up", "pair-a"], ["up", "pair-b"]]) + rule("all", [["up", "all-a"], ["up", "all-b"]]);
  const breaker = (text) => `[breaker]\ncheck_seconds = 0\n${text}\n`;
  [lasting, brief, sharing] = await Promise.all([
    startManaged({ config: breaker(`failures_in_a_row = ${FAILURES}\nopen_seconds = ${OPEN_SECONDS}\ncalls_min = 1000`) + up + limited + provider("nowhere", "http://127.0.0.1:1/v1") + rules }),
    startManaged({ config: breaker(`failures_in_a_row = 1\nopen_seconds = ${SHORT_SECONDS}\nopen_max_seconds = 30\nerror_share = 0`) + up }),
    startManaged({ config: breaker(`failures_in_a_row = 0\nopen_seconds = ${OPEN_SECONDS}\ncalls_min = 6\nerror_share = 0.5`) + up }),
  ]);
});
after(async () => {
  await Promise.all([lasting, brief, sharing].map((gateway) => gateway?.stop()));
  upstream?.stop();
});

const recordOf = (gateway, answer) => gateway.recordWhen((one) => one.request_id === answer.headers["x-request-id"]);
const failTimes = async (gateway, model, times, options) => {
  const statuses = [];
  for (let i = 0; i < times; ++i) statuses.push((await chat(gateway.url, model, options)).status);
  return statuses;
};

describe("a breaker opens", () => {
  test("after so many failures in a row; nothing is asked then, and everybody is told", async () => {
    upstream.does("row", fails(500));
    const opened = await metric(lasting.url, 'punctual_target_breakers_open{provider="up"}') ?? 0;
    assert.deepEqual(await failTimes(lasting, "up/row", FAILURES), [500, 500, 500]);
    const { value: answer, ms } = await timed(() => chat(lasting.url, "up/row"));
    assert.equal(answer.status, 503, answer.text);
    assert.match(answer.body.error.message, /^The only target of model 'up\/row' failed again and again and is left alone for another (4\d|50)\.\d s\.$/);
    const hint = Number(answer.headers["retry-after"]);
    assert.ok(hint > OPEN_SECONDS - 10 && hint <= OPEN_SECONDS, answer.headers["retry-after"]);
    assert.ok(Math.abs(Number(answer.headers["retry-after-ms"]) / 1000 - hint) <= 1 && ms < 5000);
    assert.equal(upstream.calls("row").length, FAILURES);

    const record = await recordOf(lasting, answer);
    assert.deepEqual([record.outcome, record.status, record.ended_by], ["refused", 503, "gateway"]);
    assert.deepEqual(record.attempts.map(({ provider: by, model, outcome, detail }) => [by, model, outcome, detail]), [["up", "row", "skipped", "its breaker is open"]]);
    const state = await targetOf(lasting.api, "row");
    assert.deepEqual([state.state, state.hold, state.failures_in_a_row, state.calls, state.failures, state.in_flight], ["open", "automatic", FAILURES, FAILURES, FAILURES, 0]);
    assert.ok(state.opens_in_ms > 0 && state.opens_in_ms <= OPEN_SECONDS * 1000);
    assert.equal(await metric(lasting.url, 'punctual_target_breakers_open{provider="up"}'), opened + 1);
    assert.match(lasting.log(), /breaker open: up\/row fails \(status\), and is left alone for 50\.0 s/);
  });

  for (const [name, behaviour, target, more, outcome] of [
    ["resets", resets, "up", {}, "reset"],
    ["streams that break off", breaksOff("half"), "up", { stream: true }, "reset"],
    ["no first token in the operator's time", silent, "limited", { stream: true }, "timeout"],
    ["no answer in the operator's time", silent, "limited", {}, "timeout"],
  ]) {
    test(`by ${name}`, async () => {
      const model = name.replaceAll(/[^a-z]/g, "-");
      upstream.does(model, behaviour);
      await failTimes(lasting, `${target}/${model}`, FAILURES, { more, headers: { Connection: "close" } }).catch((error) => assert.equal(error.code, "ECONNRESET"));
      await until("its breaker opens", () => targetOf(lasting.api, model, target), (one) => one.failures === FAILURES && one.state === "open");
      const answer = await chat(lasting.url, `${target}/${model}`, { more });
      assert.equal(answer.status, 503, answer.text);
      const failed = () => lasting.records().filter((one) => one.model === `${target}/${model}` && one.outcome !== "refused");
      const records = await until("their records", failed, (all) => all.length === FAILURES);
      assert.deepEqual(records.map((one) => one.attempts[0].outcome), Array(FAILURES).fill(outcome));
    });
  }

  test("by an address where nobody listens", async () => {
    assert.deepEqual(await failTimes(lasting, "nowhere/m", FAILURES), [502, 502, 502]);
    assert.equal((await targetOf(lasting.api, "m", "nowhere")).state, "open");
    assert.equal((await chat(lasting.url, "nowhere/m")).status, 503);
    assert.equal((await chat(lasting.url, "nowhere/other")).status, 502, "another model has a breaker of its own");
  });

  test("not while an answer comes between", async () => {
    upstream.does("mixed", inTurn(fails(), fails(), answers(), fails(), fails(), answers()));
    assert.deepEqual(await failTimes(lasting, "up/mixed", 6), [500, 500, 200, 500, 500, 200]);
    const state = await targetOf(lasting.api, "mixed");
    assert.deepEqual([state.state, state.failures_in_a_row, state.failures, state.window_calls, state.window_failures], ["closed", 0, 4, 6, 4]);
  });

  test("by the share of calls that failed, once there were enough", async () => {
    upstream.does("share", inTurn(answers(), fails(), answers(), fails(), answers(), fails()));
    await failTimes(sharing, "up/share", 5);
    assert.equal((await targetOf(sharing.api, "share")).state, "closed");
    await failTimes(sharing, "up/share", 1);
    const state = await targetOf(sharing.api, "share");
    assert.deepEqual([state.state, state.window_calls, state.window_failures], ["open", 6, 3]);
    upstream.does("seldom", inTurn(...Array(4).fill(answers()), fails(), fails(), answers()));
    await failTimes(sharing, "up/seldom", 9);
    assert.equal((await targetOf(sharing.api, "seldom")).state, "closed", "two of nine are not half");
  });
});

describe("another target", () => {
  test("answers meanwhile", async () => {
    upstream.does("pair-a", fails());
    upstream.does("pair-b", answers("from b"));
    for (let i = 0; i < FAILURES + 2; ++i) assert.equal((await chat(lasting.url, "pair")).body.choices[0].message.content, "from b");
    assert.deepEqual([upstream.calls("pair-a").length, upstream.calls("pair-b").length], [FAILURES, FAILURES + 2]);
    const last = await recordOf(lasting, await chat(lasting.url, "pair"));
    assert.deepEqual(last.attempts.map((one) => [one.model, one.outcome]), [["pair-b", "success"]]);
  });

  test("is of no use when all fail: an SDK reads why, and when to come again", async () => {
    upstream.does("all-a", fails());
    upstream.does("all-b", fails(503));
    assert.deepEqual(await failTimes(lasting, "all", FAILURES), [503, 503, 503]);
    const { error } = await timed(() => openai(lasting.url).chat.completions.create({ model: "all", messages: HELLO }));
    assert.equal(error?.status, 503, String(error));
    assert.match(error.message, /All 2 targets of model 'all' failed again and again and are left alone for another/);
    assert.ok(Number(error.headers.get("retry-after-ms")) > 0);
    assert.deepEqual([upstream.calls("all-a").length, upstream.calls("all-b").length], [FAILURES, FAILURES]);
    const record = await lasting.recordWhen((one) => one.model === "all" && one.outcome === "refused");
    assert.deepEqual(record.attempts.map((one) => [one.model, one.outcome]), [["all-a", "skipped"], ["all-b", "skipped"]]);
  });
});

describe("never counts", () => {
  for (const status of [400, 401, 403, 404, 413, 422, 429]) {
    test(`an answer with ${status}`, async () => {
      upstream.does(`status-${status}`, fails(status));
      assert.deepEqual(await failTimes(lasting, `up/status-${status}`, FAILURES + 1), Array(FAILURES + 1).fill(status));
      const state = await targetOf(lasting.api, `status-${status}`);
      assert.deepEqual([state.state, state.failures_in_a_row, state.failures, state.window_failures], ["closed", 0, 0, 0]);
    });
  }

  test("a limit that the client has set", async () => {
    upstream.does("hasty", silent);
    const hasty = [{ headers: { "X-Request-Timeout": "0.1" } }, { more: { timeout: 0.1 } }, { headers: { Prefer: "wait=0.3" } }, { headers: { "X-Request-Timeout": "0.1" }, more: { stream: true } }];
    for (const options of hasty) assert.equal((await chat(lasting.url, "up/hasty", options)).status, 504);
    const state = await targetOf(lasting.api, "hasty");
    assert.deepEqual([state.state, state.calls, state.failures, state.in_flight], ["closed", hasty.length, 0, 0]);
  });

  test("a client that hangs up, before an answer and within one", async () => {
    upstream.does("left", (line, request) => JSON.parse(request.body).stream && breaksOff("half")({ socket: { end: (bytes) => line.socket.write(bytes) } }, request));
    for (const stream of [false, true, false, true]) {
      const calls = upstream.calls("left").length;
      const client = await openRaw(lasting.port);
      client.write(jsonRequest("/v1/chat/completions", { model: "up/left", messages: HELLO, stream }));
      await until("it is asked", () => upstream.calls("left").length, (now) => now === calls + 1);
      if (stream) await client.read("half");
      client.destroy();
      await until("it is let go", () => targetOf(lasting.api, "left"), (one) => one?.in_flight === 0);
    }
    const state = await targetOf(lasting.api, "left");
    assert.deepEqual([state.state, state.calls, state.failures], ["closed", 4, 0]);
  });
});

describe("half-open", () => {
  const open = async (model) => {
    upstream.does(model, fails());
    await chat(brief.url, `up/${model}`);
    assert.equal((await targetOf(brief.api, model)).state, "open");
    return until("it may be tried", () => targetOf(brief.api, model), (one) => one.opens_in_ms === 0);
  };

  test("one call is let through; its success closes the breaker", async () => {
    await open("trial");
    const trial = held(answers("well again"));
    upstream.does("trial", trial);
    const first = chat(brief.url, "up/trial");
    await until("the trial runs", () => trial.waiting.length, (count) => count === 1);
    assert.equal((await targetOf(brief.api, "trial")).state, "half_open");
    const second = await chat(brief.url, "up/trial");
    assert.equal(second.status, 503, second.text);
    assert.ok(Number(second.headers["retry-after-ms"]) > 0);
    assert.equal(second.body.error.message, "The only target of model 'up/trial' is left alone: another request is trying it, or an operator wants it so.");
    trial.release();
    assert.equal((await first).body.choices[0].message.content, "well again");
    const state = await targetOf(brief.api, "trial");
    assert.deepEqual([state.state, state.opens_in_ms, state.failures_in_a_row], ["closed", null, 0]);
    assert.match(brief.log(), /breaker closed: up\/trial answers again/);
  });

  test("a trial that fails opens it for twice as long", async () => {
    await open("worse");
    assert.equal((await chat(brief.url, "up/worse")).status, 500);
    const state = await targetOf(brief.api, "worse");
    assert.equal(state.state, "open");
    assert.ok(state.opens_in_ms <= 2 * SHORT_SECONDS * 1000);
    const left = brief.log().match(/breaker open: up\/worse .* alone for ([0-9.]+) s/g);
    assert.match(left.at(-1), /for 0\.6 s/);
  });

  test("a trial whose client leaves decides nothing: the next request is the trial", async () => {
    await open("given-up");
    upstream.does("given-up", inTurn(silent, answers("at last")));
    const client = await openRaw(brief.port);
    client.write(jsonRequest("/v1/chat/completions", { model: "up/given-up", messages: HELLO }));
    await until("the trial runs", () => upstream.calls("given-up").length, (count) => count === 2);
    client.destroy();
    await until("it is let go", () => targetOf(brief.api, "given-up"), (one) => one.in_flight === 0 && one.state === "open");
    assert.equal((await chat(brief.url, "up/given-up")).body.choices[0].message.content, "at last");
    assert.equal((await targetOf(brief.api, "given-up")).state, "closed");
  });
});
