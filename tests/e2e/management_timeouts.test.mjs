// Timeouts as settings: read, changed, refused, kept, and in force for the very next request.

import assert from "node:assert/strict";
import { Agent } from "node:http";
import { after, before, describe, test } from "node:test";

import { HELLO, tokens } from "./support/clients.mjs";
import { chat, limitOf, send, startManaged } from "./support/management.mjs";
import { timed, until } from "./support/until.mjs";

const TIMEOUTS = "/api/settings/timeouts";
const DEFAULTS = {
  chat_seconds: 900,
  completions_seconds: 600,
  embeddings_seconds: 120,
  receive_head_seconds: 30,
  receive_seconds: 60,
  connect_seconds: 10,
  idle_seconds: 120,
  drain_seconds: 60,
  heartbeat_seconds: 15,
};

const setting = async (api, name) => (await api.get(`${TIMEOUTS}/effective`)).settings.find((one) => one.name === name);

describe("as settings", () => {
  let gateway;
  let api;
  before(async () => {
    gateway = await startManaged();
    api = gateway.api;
  });
  after(() => gateway.stop());

  test("the defaults", async () => {
    const timeouts = await api.get(TIMEOUTS);
    for (const [name, seconds] of Object.entries(DEFAULTS)) assert.equal(timeouts[name], seconds, name);
    const { settings, rules, providers } = await api.get(`${TIMEOUTS}/effective`);
    assert.deepEqual([rules, providers], [[], []]);
    for (const one of settings) {
      assert.deepEqual([one.source, one.pinned, one.value], ["default", false, one.default], one.name);
      assert.equal(timeouts[one.name], one.value);
    }
    const range = (name) => settings.find((one) => one.name === name);
    for (const [name, least, most] of [["chat_seconds", 60, 7200], ["completions_seconds", 60, 7200], ["embeddings_seconds", 30, 600]])
      assert.deepEqual([range(name).minimum, range(name).maximum, range(name).zero_is_none], [least, most, false]);
  });

  test("some are changed, the others stay; null goes back", async () => {
    const changed = await api.put(TIMEOUTS, { chat_seconds: 1200, idle_seconds: 0.5 });
    assert.deepEqual([changed.chat_seconds, changed.idle_seconds, changed.completions_seconds], [1200, 0.5, 600]);
    assert.deepEqual(await api.get(TIMEOUTS), changed);
    assert.deepEqual([(await setting(api, "chat_seconds")).source, (await setting(api, "completions_seconds")).source], ["stored", "default"]);
    const back = await api.put(TIMEOUTS, { chat_seconds: null, idle_seconds: null });
    assert.deepEqual([back.chat_seconds, back.idle_seconds], [900, 120]);
    // What was read may be sent back.
    assert.deepEqual({ ...(await api.put(TIMEOUTS, back)), version: 0 }, { ...back, version: 0 });
    await api.put(TIMEOUTS, Object.fromEntries(Object.keys(back).filter((name) => name !== "version").map((name) => [name, null])));
  });

  const bad = {
    "chat_seconds: 59": [{ chat_seconds: 59 }, "chat_seconds", /is 59: give 60 to 7200 seconds/],
    "chat_seconds: 7201": [{ chat_seconds: 7201 }, "chat_seconds", /7201/],
    "chat_seconds: 0": [{ chat_seconds: 0 }, "chat_seconds", /60 to 7200/],
    "completions_seconds: -1": [{ completions_seconds: -1 }, "completions_seconds", /60 to 7200/],
    "embeddings_seconds: 29.999": [{ embeddings_seconds: 29.999 }, "embeddings_seconds", /30 to 600/],
    "embeddings_seconds: 601": [{ embeddings_seconds: 601 }, "embeddings_seconds", /30 to 600/],
    "a text": [{ chat_seconds: "900" }, "chat_seconds", /no number/],
    "a truth": [{ chat_seconds: true }, "chat_seconds", /no number/],
    "a list": [{ chat_seconds: [900] }, "chat_seconds", /no number/],
    "more than a double holds": ['{"chat_seconds": 1e999}', "chat_seconds", /./],
    "one that is not known": [{ chat_second: 900 }, "chat_second", /no limit/],
  };
  for (const [name, [body, field, message]] of Object.entries(bad)) {
    test(`${name} is refused by its name, and nothing is stored`, async () => {
      const [timeouts, changes] = [await api.get(TIMEOUTS), await api.get("/api/changes?subject=timeouts")];
      const alone = await api.call("PUT", TIMEOUTS, body);
      if (typeof body === "string") {
        assert.ok([400, 422].includes(alone.status), alone.text);
      } else {
        const answer = await api.call("PUT", TIMEOUTS, { idle_seconds: 77, ...body });
        for (const one of [alone, answer]) {
          assert.equal(one.status, 422, one.text);
          assert.deepEqual(one.body.errors.map((error) => error.field), [field]);
          assert.match(one.body.errors[0].message, message);
          assert.equal(one.body.error.param, field);
        }
      }
      assert.deepEqual(await api.get(TIMEOUTS), timeouts);
      assert.deepEqual(await api.get("/api/changes?subject=timeouts"), changes);
    });
  }

  test("every field that is wrong is named", async () => {
    const { body } = await api.call("PUT", TIMEOUTS, { chat_seconds: 1, completions_seconds: 1, connect_seconds: 0 });
    assert.deepEqual(body.errors.map((error) => error.field).sort(), ["chat_seconds", "completions_seconds", "connect_seconds"]);
  });

  test("the ends of the ranges are good", async () => {
    for (const seconds of [60, 7200]) assert.equal((await api.put(TIMEOUTS, { chat_seconds: seconds })).chat_seconds, seconds);
    for (const seconds of [30, 600]) assert.equal((await api.put(TIMEOUTS, { embeddings_seconds: seconds })).embeddings_seconds, seconds);
    assert.equal((await api.put(TIMEOUTS, { first_token_seconds: 0 })).first_token_seconds, 0);
    await api.put(TIMEOUTS, { chat_seconds: null, embeddings_seconds: null, first_token_seconds: null });
  });

  test("of two who read the same, the second is told", async () => {
    const { headers } = await api.call("GET", TIMEOUTS);
    const first = await api.call("PUT", TIMEOUTS, { chat_seconds: 100 }, { "If-Match": headers.etag });
    assert.equal(first.status, 200);
    assert.notEqual(first.headers.etag, headers.etag);
    const second = await api.call("PUT", TIMEOUTS, { chat_seconds: 200 }, { "If-Match": headers.etag });
    assert.equal(second.status, 412);
    assert.equal((await api.get(TIMEOUTS)).chat_seconds, 100);
    assert.equal((await api.call("PUT", TIMEOUTS, { chat_seconds: 300 }, { "If-Match": '"other"' })).status, 412);
    // Another section's change is none of this one's.
    await api.put("/api/settings/logs", { retention_days: 5 });
    assert.equal((await api.call("PUT", TIMEOUTS, { chat_seconds: null }, { "If-Match": first.headers.etag })).status, 200);
  });

  test("who changed what, from what, to what", async () => {
    await api.put(TIMEOUTS, { chat_seconds: 111 });
    await api.put(TIMEOUTS, { chat_seconds: 222 }, { "X-Request-ID": "the-second" });
    const [last] = (await api.get("/api/changes?subject=timeouts&count=1")).changes;
    assert.deepEqual(
      [last.actor, last.action, last.subject, last.before, last.after, last.request_id],
      ["token:admin", "update", "timeouts", { chat_seconds: 111 }, { chat_seconds: 222 }, "the-second"],
    );
    assert.ok(Math.abs(Date.now() - Date.parse(last.at)) < 60_000);
    await api.put(TIMEOUTS, { chat_seconds: null });
    const pages = [];
    for (let next = ""; next !== null; ) {
      const page = await api.get(`/api/changes?count=3${next && `&before=${next}`}`);
      pages.push(...page.changes.map((change) => change.id));
      next = page.next;
    }
    assert.deepEqual(pages, [...new Set(pages)].sort((a, b) => b - a));
    assert.equal((await api.call("GET", "/api/changes?count=0")).status, 400);
    assert.deepEqual((await api.get("/api/changes?actor=nobody")).changes, []);
  });
});

describe("what the environment sets", () => {
  test("is pinned, by the variable's name; the old names too", async () => {
    const gateway = await startManaged({ env: { PUNCTUAL_TIMEOUT_CHAT_SECONDS: "333", MLX_SERVER_TIMEOUT_EMBEDDINGS_SECONDS: "44" } });
    for (const [name, variable, seconds] of [["chat_seconds", "PUNCTUAL_TIMEOUT_CHAT_SECONDS", 333], ["embeddings_seconds", "MLX_SERVER_TIMEOUT_EMBEDDINGS_SECONDS", 44]]) {
      const answer = await gateway.api.call("PUT", TIMEOUTS, { [name]: 100, idle_seconds: 9 });
      assert.equal(answer.status, 409, answer.text);
      assert.deepEqual(answer.body.errors.map((error) => error.field), [name]);
      assert.ok(answer.body.detail.includes(variable), answer.body.detail);
      const one = await setting(gateway.api, name);
      assert.deepEqual([one.value, one.source, one.source_name, one.pinned], [seconds, "environment", variable, true]);
    }
    const timeouts = await gateway.api.get(TIMEOUTS);
    assert.deepEqual([timeouts.chat_seconds, timeouts.embeddings_seconds, timeouts.idle_seconds], [333, 44, 120]);
    await gateway.stop();
  });

  test("stands over what is stored, and what is stored over the file", async () => {
    const config = "[timeouts]\nchat_seconds = 500\ncompletions_seconds = 501\n";
    const first = await startManaged({ config });
    assert.equal((await setting(first.api, "chat_seconds")).source, "file");
    await first.api.put(TIMEOUTS, { chat_seconds: 600 });
    await first.stop();
    const second = await startManaged({ config, data: first.data, env: { PUNCTUAL_TIMEOUT_COMPLETIONS_SECONDS: "77" } });
    const timeouts = await second.api.get(TIMEOUTS);
    assert.deepEqual([timeouts.chat_seconds, timeouts.completions_seconds], [600, 77]);
    assert.equal((await second.api.put(TIMEOUTS, { chat_seconds: null })).chat_seconds, 500);
    await second.stop();
  });
});

describe("in force", () => {
  test("for the very next request, in all threads, on kept connections too, and after a restart", async () => {
    const gateway = await startManaged({ threads: 2 });
    const agents = Array.from({ length: 16 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
    const limits = () => Promise.all(agents.map(async (agent) => limitOf(await chat(gateway.url, "sim:tokens=1", { agent }))));
    await limits();
    for (const seconds of [61, 62, 63.5, 7200, 60]) {
      await gateway.api.put(TIMEOUTS, { chat_seconds: seconds });
      for (const limit of await limits()) assert.deepEqual(limit, { seconds, source: "stored timeouts.chat_seconds" });
    }
    agents.forEach((agent) => agent.destroy());
    await gateway.stop();
    const again = await startManaged({ data: gateway.data });
    assert.deepEqual(limitOf(await chat(again.url, "sim:tokens=1")), { seconds: 60, source: "stored timeouts.chat_seconds" });
    await again.stop();
  });

  test("a limit that was saved fires, and a request that runs keeps its own", async () => {
    const gateway = await startManaged({ threads: 2 });
    const long = chat(gateway.url, "sim:tokens=3,ttft_ms=900");
    await until("a request that runs", () => gateway.api.get("/api/requests/running"), ({ requests }) => requests.length === 1);
    await gateway.api.put(TIMEOUTS, { first_token_seconds: 0.2 });
    const { value, ms } = await timed(() => chat(gateway.url, "sim:never", { more: { stream: true } }));
    assert.deepEqual([value.status, value.body.limit, value.body.limit_seconds], [504, "first_token", 0.2]);
    assert.equal(value.body.limit_source, "stored timeouts.first_token_seconds");
    assert.ok(ms >= 200, `early: ${ms}`);
    assert.equal((await long).status, 200);
    await gateway.api.put(TIMEOUTS, { first_token_seconds: null });
    const good = await chat(gateway.url, "sim:tokens=3,ttft_ms=400");
    assert.deepEqual([good.status, good.body.choices[0].message.content], [200, tokens(3)]);
    await gateway.stop();
  });

  test("under load no request is lost, and each has a limit that was in force while it ran", async () => {
    const gateway = await startManaged({ threads: 2 });
    // chat_seconds is 1000 + the number of the change.
    const save = (number) => gateway.api.put(TIMEOUTS, { chat_seconds: 1000 + number, completions_seconds: 2000 + number });
    let asked = 0;
    let done = 0;
    let running = true;
    await save(0);
    const saving = (async () => {
      while (running) {
        await save(++asked);
        done = asked;
      }
    })();
    const agent = new Agent({ keepAlive: true, maxSockets: 300 });
    const body = { model: "sim:tokens=5,ttft_ms=20", messages: HELLO, prompt: "a" };
    const wrong = [];
    const client = async (index) => {
      for (let round = 0; round < 5; ++round) {
        const target = (index + round) % 2 ? "/v1/chat/completions" : "/v1/completions";
        const least = done;
        const answer = await send(gateway.url, "POST", target, { agent, headers: { "Content-Type": "application/json" }, body });
        const base = target.includes("chat") ? 1000 : 2000;
        const number = answer.status === 200 ? limitOf(answer).seconds - base : NaN;
        if (!(number >= least && number <= asked)) wrong.push({ target, least, asked, status: answer.status, number, text: answer.text.slice(0, 200) });
      }
    };
    await Promise.all(Array.from({ length: 300 }, (_, index) => client(index)));
    running = false;
    await saving;
    agent.destroy();
    assert.deepEqual(wrong, []);
    assert.ok(done > 5, `only ${done} changes`);
    const { request_log: log } = await gateway.api.get("/api/state");
    assert.ok(Object.values(log.lost).every((number) => number === 0));
    await gateway.stop();
  });
});
