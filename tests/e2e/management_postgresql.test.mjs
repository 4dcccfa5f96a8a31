// Two gateways on one PostgreSQL: what is changed at one is in force at the other. And without the database, /v1 goes on.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { temporaryFolder } from "./support/gateway.mjs";
import { chat, entryWhen, limitOf, logIn, openEvents, PASSWORD, startManaged, withCookie } from "./support/management.mjs";
import { hasPostgresql, startPostgresql } from "./support/postgresql.mjs";
import { startScripted, wholeAnswer } from "./support/scripted.mjs";
import { timed, until } from "./support/until.mjs";

const TIMEOUTS = "/api/settings/timeouts";
// The promise to operators; a change is known to the other within it.
const TAKEN_OVER_MS_MAX = 2000;
const MASTER_KEY = Buffer.alloc(32, 7).toString("base64");

describe("PostgreSQL", { skip: hasPostgresql ? false : "no PostgreSQL is installed" }, () => {
  let database;
  let one;
  let two;
  const env = () => ({ PUNCTUAL_SERVER_STORAGE: database.url, PUNCTUAL_MASTER_KEY: MASTER_KEY });
  before(async () => {
    database = startPostgresql();
    one = await startManaged({ env: env(), threads: 2 });
    two = await startManaged({ env: env(), threads: 2 });
  });
  after(async () => {
    await one.stop();
    await two.stop();
    database.end();
  });

  const takenOver = async (what, look, holds) => {
    const { ms } = await timed(async () => assert.ok(await until(what, look, holds)));
    assert.ok(ms <= TAKEN_OVER_MS_MAX, `${what}: ${ms} ms`);
  };

  test("limits are in force at the other", async () => {
    for (const seconds of [100, 101, 102]) {
      await one.api.put(TIMEOUTS, { chat_seconds: seconds });
      await takenOver("the limit", () => chat(two.url, "sim:tokens=1"), (answer) => limitOf(answer).seconds === seconds);
    }
    await two.api.put(TIMEOUTS, { chat_seconds: 200 });
    await takenOver("the limit", () => chat(one.url, "sim:tokens=1"), (answer) => limitOf(answer).seconds === 200);
  });

  test("providers with their keys, and rules", async () => {
    const upstream = await startScripted((line, request) =>
      line.send(wholeAnswer(request.headers.authorization === "Bearer sk-canary-shared-1" ? 200 : 401, { id: "1", object: "chat.completion", choices: [] })),
    );
    const { id } = await one.api.post("/api/settings/providers", { name: "shared", kind: "openai", base_url: `${upstream.url}/v1`, api_key: "sk-canary-shared-1" });
    const rule = await two.api.post("/api/settings/rules", { match: "exact", pattern: "everywhere", targets: [{ provider: "sim", model: "sim:tokens=1" }] });
    await takenOver("the provider", () => chat(two.url, "shared/m"), (answer) => answer.status === 200);
    await takenOver("the rule", () => one.api.post("/api/settings/rules/test", { model: "everywhere" }), ({ how }) => how === "rule");
    assert.equal((await chat(one.url, "everywhere")).status, 200);
    await two.api.delete(`/api/settings/providers/${id}`);
    await one.api.delete(`/api/settings/rules/${rule.id}`);
    upstream.stop();
  });

  test("of changes at both at once none is lost", async () => {
    const before = (await one.api.get("/api/changes?subject=timeouts&count=500")).changes.length;
    const names = ["chat_seconds", "completions_seconds", "idle_seconds", "connect_seconds"];
    const answers = await Promise.all(names.flatMap((name, index) => [one, two].map((gateway) => gateway.api.call("PUT", TIMEOUTS, { [name]: 110 + index }))));
    const stored = answers.filter((answer) => answer.status === 200).length;
    assert.ok(answers.every((answer) => [200, 412].includes(answer.status)), JSON.stringify(answers.map((answer) => answer.status)));
    assert.equal((await one.api.get("/api/changes?subject=timeouts&count=500")).changes.length, before + stored);
    await takenOver("the same settings", async () => [await one.api.get(TIMEOUTS), await two.api.get(TIMEOUTS)], ([left, right]) => JSON.stringify(left) === JSON.stringify(right));
    const { headers } = await one.api.call("GET", TIMEOUTS);
    const [left, right] = await Promise.all([one, two].map((gateway) => gateway.api.call("PUT", TIMEOUTS, { chat_seconds: 300 }, { "If-Match": headers.etag })));
    assert.deepEqual([left.status, right.status].sort(), [200, 412]);
  });

  test("API keys, users and sessions", async () => {
    const { id, key } = await one.api.post("/api/keys", { name: "shared" });
    await takenOver("the key", () => chat(two.url, "sim:tokens=1"), (answer) => answer.status === 401);
    assert.equal((await chat(two.url, "sim:tokens=1", { headers: { Authorization: `Bearer ${key}` } })).status, 200);
    await two.api.delete(`/api/keys/${id}`);
    await takenOver("the end of the key", () => chat(one.url, "sim:tokens=1"), (answer) => answer.status === 200);
    await one.api.post("/api/users", { name: "ada", password: PASSWORD, role: "administrator" });
    const there = await logIn(two.url, "ada");
    const cookie = there.identity.Cookie;
    assert.equal((await there.get("/api/session")).user.name, "ada");
    const { sessions } = await one.api.get("/api/sessions");
    await one.api.delete(`/api/sessions/${sessions[0].id}`);
    assert.equal((await there.get("/api/session")).user, null, cookie);
  });

  test("one log, and live events of both", async () => {
    const live = await openEvents(one.api);
    await chat(two.url, "sim:tokens=1", { headers: { "X-Request-ID": "at-two" } });
    await chat(one.url, "sim:tokens=1", { headers: { "X-Request-ID": "at-one" } });
    for (const id of ["at-one", "at-two"]) {
      await live.when((event) => event.event === "request" && event.data.request_id === id);
      await entryWhen(two.api, (row) => row.request_id === id);
    }
    live.close();
  });

  test("a replica that joins has everything", async () => {
    const three = await startManaged({ env: env() });
    assert.deepEqual(await three.api.get(TIMEOUTS), await one.api.get(TIMEOUTS));
    await three.stop();
    const stranger = startManaged({ env: { PUNCTUAL_SERVER_STORAGE: database.url }, data: temporaryFolder() });
    await assert.rejects(stranger, /master key/, "without the master key");
  });

  test("away: /v1 goes on, /ready says so, changes are refused; and back", async () => {
    await one.api.put(TIMEOUTS, { chat_seconds: 400 });
    // A connection to the database is open in every lane.
    for (const target of ["/api/keys", "/api/requests", TIMEOUTS]) await one.api.get(target);
    database.stop();
    const served = await Promise.all(Array.from({ length: 50 }, (_, index) => chat(one.url, "sim:tokens=1", { headers: { "X-Request-ID": `away-${index}` } })));
    for (const answer of served) assert.deepEqual([answer.status, limitOf(answer).seconds], [200, 400]);
    const ready = async () => (await fetch(`${one.url}/ready`)).json();
    assert.equal((await until("the storage away", ready, (document) => document.storage === "away")).status, "ready");
    for (const [method, target, body] of [["PUT", TIMEOUTS, { chat_seconds: 500 }], ["POST", "/api/keys", { name: "never" }], ["GET", "/api/requests"]]) {
      const { value, error, ms } = await timed(() => one.api.call(method, target, body));
      assert.ifError(error);
      assert.equal(value.status, 503, `${method} ${target}: ${value.text}`);
      assert.ok(ms < 32_000, `${target}: ${ms} ms`);
    }
    assert.equal(limitOf(await chat(one.url, "sim:tokens=1")).seconds, 400);
    // Where the database is, is nobody's business.
    for (const cookie of [undefined, "punctual_session=some"]) {
      const { status, text } = await withCookie(one.url, cookie).call("GET", "/api/session");
      assert.equal(status, 503);
      assert.doesNotMatch(text, /postgres|socket|\.s\.PGSQL/i);
    }
    database.start();
    await until("the storage connected", ready, (document) => document.storage === "connected", 30_000);
    assert.equal((await until("a change", () => one.api.call("PUT", TIMEOUTS, { chat_seconds: 600 }), (answer) => answer.status === 200, 30_000)).body.chat_seconds, 600);
    await until("the limit at the other", () => chat(two.url, "sim:tokens=1"), (answer) => limitOf(answer).seconds === 600, 30_000);
    // What was served meanwhile is recorded afterwards.
    const entries = await until("the records", () => one.api.call("GET", "/api/requests?count=500&q=away-0"), (answer) => answer.status === 200 && answer.body.requests.length > 0, 30_000);
    assert.equal(entries.body.requests[0].request_id, "away-0");
    assert.ok(Object.values((await one.api.get("/api/state")).request_log.lost).every((number) => number === 0));
  });
});
