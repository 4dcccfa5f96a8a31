// An operator holds a target's breaker open or closed: who may, what it does, and that it is remembered.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { provider } from "./support/gateway.mjs";
import { PASSWORD, apiOf, chat, logIn, startManaged } from "./support/management.mjs";
import { answers, fails, metric, rule, startSteered, targetOf } from "./support/steered.mjs";

const HOLD = "/api/targets/hold";

let upstream;
let gateway;
let api;
before(async () => {
  upstream = await startSteered();
  gateway = await startManaged({
    threads: 2,
    config: "[breaker]\nfailures_in_a_row = 2\nopen_seconds = 50\ncheck_seconds = 0\n" + provider("up", `${upstream.url}/v1`) + rule("pair", [["up", "pair-a"], ["up", "pair-b"]]),
  });
  api = gateway.api;
});
after(async () => {
  await gateway?.stop();
  upstream?.stop();
});

const hold = (model, how, provider = "up") => api.put(HOLD, { provider, model, hold: how });
const textOf = (answer) => answer.body?.choices?.[0].message.content;

describe("held open", () => {
  test("nothing is asked, for as long as it is wished", async () => {
    assert.equal((await chat(gateway.url, "up/open")).status, 200);
    const held = await hold("open", "open");
    assert.deepEqual([held.state, held.hold, held.opens_in_ms], ["open", "open", null]);
    const answer = await chat(gateway.url, "up/open");
    assert.equal(answer.status, 503, answer.text);
    assert.match(answer.body.error.message, /is left alone: another request is trying it, or an operator wants it so\.$/);
    assert.ok(Number(answer.headers["retry-after"]) >= 1);
    assert.equal(upstream.calls("open").length, 1);
    assert.equal(await metric(gateway.url, 'punctual_target_breakers_open{provider="up"}'), 1);
    await hold("open", "automatic");
    assert.equal((await chat(gateway.url, "up/open")).status, 200);
    assert.equal(await metric(gateway.url, 'punctual_target_breakers_open{provider="up"}'), 0);
  });

  test("another target answers meanwhile", async () => {
    upstream.does("pair-a", answers("from a"));
    upstream.does("pair-b", answers("from b"));
    assert.equal(textOf(await chat(gateway.url, "pair")), "from a");
    await hold("pair-a", "open");
    assert.equal(textOf(await chat(gateway.url, "pair")), "from b");
    await hold("pair-a", "automatic");
    assert.equal(textOf(await chat(gateway.url, "pair")), "from a");
  });
});

describe("held closed", () => {
  test("it is asked however often it fails; what was learnt meanwhile is in force afterwards", async () => {
    upstream.does("closed", fails());
    assert.equal((await chat(gateway.url, "up/closed")).status, 500);
    await hold("closed", "closed");
    for (let i = 0; i < 4; ++i) assert.equal((await chat(gateway.url, "up/closed")).status, 500);
    assert.equal(upstream.calls("closed").length, 5);
    const state = await targetOf(api, "closed");
    assert.deepEqual([state.state, state.hold, state.failures], ["closed", "closed", 5]);
    assert.equal((await hold("closed", "automatic")).state, "open");
    assert.equal((await chat(gateway.url, "up/closed")).status, 503);
  });
});

describe("who", () => {
  const body = { provider: "up", model: "who", hold: "open" };
  before(() => chat(gateway.url, "up/who"));

  test("viewers look, and strangers do not even that", async () => {
    await api.post("/api/users", { name: "vera", password: PASSWORD, role: "viewer" });
    const viewer = await logIn(gateway.url, "vera");
    assert.equal((await targetOf(viewer, "who")).hold, "automatic");
    assert.equal((await viewer.call("PUT", HOLD, body)).status, 403);
    const stranger = apiOf(gateway.url);
    assert.equal((await stranger.call("GET", "/api/targets")).status, 401);
    assert.equal((await stranger.call("PUT", HOLD, body)).status, 401);
    assert.equal((await targetOf(api, "who")).hold, "automatic");
  });

  test("has done it, and from what to what", async () => {
    await api.post("/api/users", { name: "ada", password: PASSWORD, role: "administrator" });
    const ada = await logIn(gateway.url, "ada");
    await ada.put(HOLD, body);
    await ada.put(HOLD, body);
    await ada.put(HOLD, { ...body, hold: "automatic" });
    const { changes } = await api.get("/api/changes?subject=target:up/who");
    const told = changes.filter((one) => one.action === "hold").map(({ actor, subject, before, after }) => ({ actor, subject, before, after }));
    const from = { actor: "user:ada", subject: "target:up/who" };
    assert.deepEqual(told, [{ ...from, before: { hold: "open" }, after: { hold: "automatic" } }, { ...from, before: { hold: "automatic" }, after: { hold: "open" } }], "what changes nothing is no change");
  });

  test("asks wrongly is told what is wrong", async () => {
    for (const [wrong, status, field] of [
      [{ ...body, hold: "ajar" }, 422, "hold"],
      [{ ...body, hold: 5 }, 422, "hold"],
      [{ provider: "up", model: "who" }, 422, "hold"],
      [{ model: "who", hold: "open" }, 422, "provider"],
      [{ ...body, color: "red" }, 422, "color"],
      [{ ...body, model: "never-asked" }, 404],
      [{ ...body, provider: "nobody" }, 404],
      ["{", 400],
    ]) {
      const answer = await api.call("PUT", HOLD, wrong);
      assert.equal(answer.status, status, `${JSON.stringify(wrong)}: ${answer.text}`);
      if (field) assert.ok(answer.body.errors.some((error) => error.field === field), answer.text);
    }
    assert.equal((await api.call("PUT", HOLD, JSON.stringify(body), { "Content-Type": "text/plain" })).status, 415);
    assert.equal((await api.call("POST", HOLD, body)).status, 405);
  });
});

test("the list has the targets of providers that are there, in order", async () => {
  const { id } = await api.post("/api/settings/providers", { name: "brief", kind: "openai", base_url: `${upstream.url}/v1` });
  await chat(gateway.url, "brief/m");
  await chat(gateway.url, "brief/a");
  const of = async (name) => (await api.get("/api/targets")).targets.filter((one) => one.provider === name).map((one) => one.model);
  assert.deepEqual(await of("brief"), ["a", "m"]);
  await api.delete(`/api/settings/providers/${id}`);
  assert.deepEqual(await of("brief"), []);
});

test("a hold ends with the process", async () => {
  await chat(gateway.url, "up/gone");
  await hold("gone", "open");
  await gateway.stop();
  gateway = await startManaged({ data: gateway.data, config: provider("up", `${upstream.url}/v1`) });
  api = gateway.api;
  assert.deepEqual((await api.get("/api/targets")).targets, []);
  assert.equal((await chat(gateway.url, "up/gone")).status, 200);
});
