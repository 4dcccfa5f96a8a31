// The limits of the chat as live settings: where they come from, what they may be, and in which order.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { asking, chatOf } from "./support/chats.mjs";
import { PASSWORD, logIn, startManaged } from "./support/management.mjs";
import { startChild, PUNCTUAL, cleanEnvironment } from "./support/child.mjs";

const SETTINGS = "/api/settings/chat";
const CHAIN = "/api/settings/timeouts/chain?endpoint=chat_page";

let gateway;
let api;
before(async () => {
  gateway = await startManaged({ config: "[chat]\nrounds_max = 5\n", env: { PUNCTUAL_CHAT_REQUEST_SECONDS: "250" } });
  api = gateway.api;
});
after(() => gateway.stop());

const limitsOf = ({ model_call_seconds, browser_seconds, request_seconds, rounds_max }) => [model_call_seconds, browser_seconds, request_seconds, rounds_max];

describe("the settings", () => {
  test("say where each value comes from", async () => {
    const now = await api.get(SETTINGS);
    assert.deepEqual(limitsOf(now), [120, 180, 250, 5]);
    assert.deepEqual([now.values.request_seconds.source, now.values.request_seconds.source_name, now.values.request_seconds.pinned], ["environment", "PUNCTUAL_CHAT_REQUEST_SECONDS", true]);
    assert.deepEqual([now.values.rounds_max.source, now.values.rounds_max.default, now.values.rounds_max.maximum], ["file", 8, 64]);
    assert.deepEqual([now.values.browser_seconds.source, now.findings], ["default", []]);
  });

  test("are in force for the next chat, and written down", async () => {
    const { version } = await api.get(SETTINGS);
    const changed = await api.put(SETTINGS, { model_call_seconds: 90, rounds_max: 3 });
    assert.deepEqual(limitsOf(changed), [90, 180, 250, 3]);
    assert.equal(changed.version, version + 1);
    const chat = await chatOf(api, asking("sim:tokens=1", "Hello"));
    assert.deepEqual(limitsOf(chat.of("start")[0].limits), [90, 180, 250, 3]);
    const { changes } = await api.get("/api/changes?subject=chat");
    assert.deepEqual([changes[0].before, changes[0].after], [{ model_call_seconds: 120, rounds_max: 5 }, { model_call_seconds: 90, rounds_max: 3 }]);
    const back = await api.put(SETTINGS, { model_call_seconds: null, rounds_max: null });
    assert.deepEqual(limitsOf(back), [120, 180, 250, 5]);
  });

  test("outlive the process", async () => {
    const first = await startManaged();
    await first.api.put(SETTINGS, { browser_seconds: 200 });
    await first.stop();
    const second = await startManaged({ data: first.data });
    assert.equal((await second.api.get(SETTINGS)).browser_seconds, 200);
    await second.stop();
  });

  test("tell two editors apart", async () => {
    const { headers } = await api.call("GET", SETTINGS);
    await api.put(SETTINGS, { browser_seconds: 181 });
    const late = await api.call("PUT", SETTINGS, { browser_seconds: 182 }, { "If-Match": headers.etag });
    assert.equal(late.status, 412);
    await api.put(SETTINGS, { browser_seconds: null });
  });

  test("take back what was read", async () => {
    const now = await api.get(SETTINGS);
    delete now.request_seconds; // pinned
    assert.equal((await api.call("PUT", SETTINGS, now)).status, 200);
    await api.put(SETTINGS, { model_call_seconds: null, browser_seconds: null, rounds_max: null });
  });

  test("refuse what is out of range, unknown or pinned, and store nothing of it", async () => {
    const before = await api.get(SETTINGS);
    const wrong = await api.call("PUT", SETTINGS, { model_call_seconds: 0, browser_seconds: "x", rounds_max: 1.5, more: 1 });
    assert.equal(wrong.status, 422);
    assert.deepEqual(wrong.body.errors.map((one) => one.field), ["model_call_seconds", "browser_seconds", "rounds_max", "more"]);
    assert.equal((await api.call("PUT", SETTINGS, { accept_broken_order: "yes" })).status, 422);
    const pinned = await api.call("PUT", SETTINGS, { request_seconds: 290 });
    assert.equal(pinned.status, 409);
    assert.match(pinned.body.detail, /PUNCTUAL_CHAT_REQUEST_SECONDS/);
    assert.deepEqual(await api.get(SETTINGS), before);
  });

  test("are for administrators to change, for viewers to see", async () => {
    await api.post("/api/users", { name: "vera", password: PASSWORD });
    const viewer = await logIn(gateway.url, "vera");
    assert.equal((await viewer.get(SETTINGS)).browser_seconds, 180);
    assert.equal((await viewer.call("PUT", SETTINGS, { browser_seconds: 190 })).status, 403);
  });
});

describe("their order", () => {
  test("that is broken is refused in words, unless it is wanted", async () => {
    const refused = await api.call("PUT", SETTINGS, { browser_seconds: 100 });
    assert.equal(refused.status, 422);
    assert.match(refused.body.detail, /gives up after 100 s, and one call of the model may take 120 s/);
    assert.equal((await api.get(SETTINGS)).browser_seconds, 180);
    const taken = await api.put(SETTINGS, { browser_seconds: 100, accept_broken_order: true });
    assert.equal(taken.findings.length, 1);
    const chain = await api.get(CHAIN);
    assert.deepEqual([chain.findings[0].severity, chain.findings[0].layer], ["broken", "attempt"]);
    assert.deepEqual([chain.silent.layer, chain.silent.seconds], ["browser", 100]);
    const longer = await api.call("PUT", SETTINGS, { browser_seconds: 251 });
    assert.match(longer.body.detail, /waiting longer once does nothing/);
    await api.put(SETTINGS, { browser_seconds: null });
  });

  test("as it is by default is the chain of three", async () => {
    const chain = await api.get(CHAIN);
    assert.deepEqual(chain.layers.slice(0, 3).map((one) => [one.id, one.seconds]), [["total", 250], ["browser", 180], ["attempt", 120]]);
    assert.equal(chain.layers[0].source, "environment PUNCTUAL_CHAT_REQUEST_SECONDS");
    assert.ok(chain.findings.every((one) => one.severity !== "broken"));
  });

  test("is shown by punctual doctor", async () => {
    const run = async (env) => {
      const doctor = startChild(PUNCTUAL, ["doctor", "--data", "/nonexistent"], { env: cleanEnvironment(env) });
      const { code } = await doctor.ended;
      return { code, text: doctor.output.stdout };
    };
    const good = await run({});
    assert.equal(good.code, 0, good.text);
    assert.match(good.text, /the chat page's wait +180 s/);
    const broken = await run({ PUNCTUAL_CHAT_BROWSER_SECONDS: "60" });
    assert.equal(broken.code, 1);
    assert.match(broken.text, /broken: The chat page gives up after 60 s/);
  });
});
