// Providers as settings: their keys are written and never read, tested when asked to, in force at once.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { provider } from "./support/gateway.mjs";
import { chat, openEvents, startManaged } from "./support/management.mjs";
import { startScripted, wholeAnswer } from "./support/scripted.mjs";
import { until } from "./support/until.mjs";

const PROVIDERS = "/api/settings/providers";
const KEY = "sk-canary-stored-key-1-abcd";
const OTHER_KEY = "sk-canary-stored-key-2-efgh";

// Takes KEY and OTHER_KEY only, and has its list of models at /v1/models.
const startUpstream = () =>
  startScripted((line, request) => {
    const known = [KEY, OTHER_KEY].some((key) => request.headers.authorization === `Bearer ${key}`);
    if (!known) return line.send(wholeAnswer(401, { error: { message: `Incorrect API key provided: ${request.headers.authorization?.slice(7)}`, type: "invalid_request_error" } }));
    if (request.target === "/v1/models") return line.send(wholeAnswer(200, { object: "list", data: [{ id: "model-a" }, { id: "model-b" }] }));
    if (request.method === "GET") return line.send(wholeAnswer(404, { error: { message: "no such page" } }));
    line.send(wholeAnswer(200, { id: "1", object: "chat.completion", choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "hello" } }] }));
  });

let upstream;
let gateway;
let api;
before(async () => {
  upstream = await startUpstream();
  gateway = await startManaged({ threads: 2, config: '[server]\nlog_level = "trace"\n' + provider("filed", `${upstream.url}/v1`, { more: `api_key = "${OTHER_KEY}"\nheaders = { "X-Team" = "canary-header" }` }) });
  api = gateway.api;
});
after(async () => {
  await gateway.stop();
  upstream.stop();
});

const input = (name, more = {}) => ({ name, kind: "openai", base_url: `${upstream.url}/v1`, ...more });

describe("a provider", () => {
  test("is made, used at once with its key, changed and removed", async () => {
    const made = await api.call("POST", PROVIDERS, input("one", { api_key: KEY, headers: { "X-Extra": "yes" }, timeouts: { total_seconds: 33 } }));
    assert.equal(made.status, 201);
    assert.deepEqual([made.body.origin, made.body.editable, made.body.key], ["stored", true, { set: true, from: "stored", hint: KEY.slice(-4), version: 1 }]);
    const answer = await chat(gateway.url, "one/model-a");
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.headers["x-punctual-limit"], 'total=33;source="provider one: total_seconds"');
    const sent = upstream.requests.findLast((request) => request.method === "POST");
    assert.deepEqual([sent.headers.authorization, sent.headers["x-extra"]], [`Bearer ${KEY}`, "yes"]);

    const one = `${PROVIDERS}/${made.body.id}`;
    const changed = await api.put(one, { ...(await api.get(one)), timeouts: { total_seconds: 44 } });
    assert.deepEqual([changed.timeouts, changed.key.set, changed.key.version], [{ total_seconds: 44 }, true, 1]);
    const again = await chat(gateway.url, "one/model-a");
    assert.deepEqual([again.status, again.headers["x-punctual-limit"]], [200, 'total=44;source="provider one: total_seconds"']);

    assert.equal((await api.put(one, input("one", { api_key: null }))).key.set, false);
    const without = await chat(gateway.url, "one/model-a");
    assert.equal(without.status, 401);
    assert.equal(upstream.requests.at(-1).headers.authorization, undefined);

    await api.delete(one);
    assert.equal((await api.call("GET", one)).status, 404);
    const { targets } = await api.post("/api/settings/rules/test", { model: "one/model-a" });
    assert.ok(targets.every((target) => target.provider === "filed"));
  });

  test("of a preset needs no more than its name and key, and has the key where it belongs", async () => {
    const { presets } = await api.get(`${PROVIDERS}/presets`);
    const azure = presets.find((preset) => preset.name === "azure-openai");
    assert.deepEqual([azure.base_url, azure.auth, azure.needs_key], ["", "api-key", true]);
    const made = await api.post(PROVIDERS, { name: "known", preset: "groq", api_key: KEY, in_flight_max: 3 });
    const groq = presets.find((preset) => preset.name === "groq");
    assert.deepEqual([made.kind, made.base_url, made.auth, made.in_flight_max, made.waiting_max], [groq.kind, groq.base_url, "bearer", 3, 100]);
    const moved = await api.call("PUT", `${PROVIDERS}/${made.id}`, { preset: "mistral" });
    assert.deepEqual([moved.status, moved.body.errors[0].field], [422, "api_key"], "another preset is another host");

    const one = await api.put(`${PROVIDERS}/${made.id}`, { preset: "azure-openai", base_url: `${upstream.url}/openai/v1`, api_key: KEY });
    assert.deepEqual([one.preset, one.auth], ["azure-openai", "api-key"]);
    await chat(gateway.url, "known/deployment");
    const sent = upstream.requests.findLast((request) => request.method === "POST");
    assert.deepEqual([sent.target, sent.headers["api-key"], sent.headers.authorization], ["/openai/v1/chat/completions", KEY, undefined]);
    await api.delete(`${PROVIDERS}/${made.id}`);
  });

  test("what is wrong is named", async () => {
    const bad = [
      [{ name: "x", preset: "olama" }, "preset"],
      [{ name: "x", preset: "azure-openai" }, "base_url"],
      [{ name: "x", preset: "groq", auth: "basic" }, "auth"],
      [{ name: "x", preset: "groq", in_flight_max: 100001 }, "in_flight_max"],
      [{ kind: "openai", base_url: "http://a/v1" }, "name"],
      [input("a b"), "name"],
      [input("sim"), "name", 409],
      [input("filed"), "name", 409],
      [{ ...input("x"), kind: "other" }, "kind"],
      [{ ...input("x"), kind: "simulated" }, "kind"],
      [{ ...input("x"), base_url: "nowhere" }, "base_url"],
      [{ ...input("x"), base_url: 5 }, "base_url"],
      [input("x", { api_key: "with space" }), "api_key"],
      [input("x", { api_key: 5 }), "api_key"],
      [input("x", { headers: { Authorization: "Bearer canary" } }), "headers.Authorization"],
      [input("x", { headers: { "x-api-key": "canary" } }), "headers.x-api-key"],
      [input("x", { timeouts: { total_seconds: "9" } }), "timeouts.total_seconds"],
      [input("x", { color: "red" }), "color"],
    ];
    for (const [body, field, status = 422] of bad) {
      const answer = await api.call("POST", PROVIDERS, body);
      assert.equal(answer.status, status, `${field}: ${answer.text}`);
      assert.ok(answer.body.errors.some((error) => error.field.includes(field)), `${field}: ${answer.text}`);
    }
    assert.deepEqual((await api.get(PROVIDERS)).providers.map((one) => one.name).sort(), ["filed", "sim"]);
  });

  test("of the file is shown without what is secret, can be replaced, and goes back", async () => {
    const filed = (await api.get(PROVIDERS)).providers.find((one) => one.name === "filed");
    assert.deepEqual([filed.origin, filed.in_file, filed.headers, filed.key.set], ["file", true, { "X-Team": null }, true]);
    assert.equal((await api.call("DELETE", `${PROVIDERS}/${filed.id}`)).status, 409);
    assert.equal((await api.call("PUT", `${PROVIDERS}/${filed.id}`, filed)).status, 422, "a header's value is not known here");
    await api.put(`${PROVIDERS}/${filed.id}`, { ...filed, headers: {}, timeouts: { total_seconds: 55 } });
    const stored = (await api.get(PROVIDERS)).providers.find((one) => one.name === "filed");
    assert.deepEqual([stored.origin, stored.in_file], ["stored", true]);
    assert.equal((await chat(gateway.url, "filed/model-a")).headers["x-punctual-limit"], 'total=55;source="provider filed: total_seconds"');
    await api.delete(`${PROVIDERS}/${stored.id}`);
    assert.equal((await api.get(PROVIDERS)).providers.find((one) => one.name === "filed").origin, "file");
    const sim = (await api.get(PROVIDERS)).providers.find((one) => one.name === "sim");
    assert.equal((await api.call("PUT", `${PROVIDERS}/${sim.id}`, input("sim"))).status, 409);
  });

  test("whose address leads to another host wants its key again", async () => {
    const { id } = await api.post(PROVIDERS, input("moved", { api_key: KEY }));
    const elsewhere = await startUpstream();
    for (const body of [{ base_url: `${elsewhere.url}/v1` }, { base_url: `${upstream.url.replace("127.0.0.1", "localhost")}/v1` }, { base_url: `${elsewhere.url}/v1`, api_key: null }]) {
      const answer = await api.call("PUT", `${PROVIDERS}/${id}`, input("moved", body));
      assert.equal(answer.status, 422, answer.text);
      assert.deepEqual(answer.body.errors.map((error) => error.field), ["api_key"]);
    }
    assert.equal((await api.put(`${PROVIDERS}/${id}`, input("moved", { base_url: `${upstream.url}/v1/` }))).key.version, 1, "the same host");
    assert.equal((await api.put(`${PROVIDERS}/${id}`, input("moved", { base_url: `${elsewhere.url}/v1`, api_key: OTHER_KEY }))).key.version, 2);
    assert.equal((await chat(gateway.url, "moved/model-a")).status, 200);
    assert.deepEqual(elsewhere.requests.filter((request) => request.method === "POST").map((request) => request.headers.authorization), [`Bearer ${OTHER_KEY}`]);
    await api.delete(`${PROVIDERS}/${id}`);
    elsewhere.stop();
  });

  test("that a rule leads to stays", async () => {
    const { id } = await api.post(PROVIDERS, input("used", { api_key: KEY }));
    const rule = await api.post("/api/settings/rules", { match: "exact", pattern: "my-model", targets: [{ provider: "used", model: "model-a" }] });
    const answer = await api.call("DELETE", `${PROVIDERS}/${id}`);
    assert.equal(answer.status, 409);
    assert.match(answer.body.detail, /my-model/);
    assert.equal((await chat(gateway.url, "my-model")).status, 200);
    await api.delete(`/api/settings/rules/${rule.id}`);
    await api.delete(`${PROVIDERS}/${id}`);
  });
});

describe("a test call", () => {
  const tried = async (more, change = {}) => {
    const { id } = await api.post(PROVIDERS, input("tried", more));
    if (change.stop) change.stop.stop();
    const result = await api.post(`${PROVIDERS}/${id}/test`);
    await api.delete(`${PROVIDERS}/${id}`);
    return result;
  };

  test("with a good key lists the models", async () => {
    const result = await tried({ api_key: KEY });
    assert.deepEqual([result.good, result.status, result.model_count, result.models], [true, 200, 2, ["model-a", "model-b"]]);
    assert.ok(result.milliseconds > 0);
  });

  test("with a bad key, or none, says so and does not repeat the key", async () => {
    const bad = await tried({ api_key: "sk-canary-bad-key-3" });
    assert.deepEqual([bad.good, bad.status], [false, 401]);
    assert.match(bad.detail, /does not take the key.*Incorrect API key/);
    assert.ok(!bad.detail.includes("sk-canary-bad-key-3"));
    assert.match((await tried({})).detail, /none is set/);
  });

  test("to a port where nobody listens says so", async () => {
    const gone = await startUpstream();
    const result = await tried({ base_url: `${gone.url}/v1`, api_key: KEY }, { stop: gone });
    assert.deepEqual([result.good, result.status, result.models], [false, 0, []]);
    assert.match(result.detail, /refused|connect/i);
  });

  test("to a wrong path says what would be right", async () => {
    const result = await tried({ base_url: upstream.url, api_key: KEY });
    assert.deepEqual([result.good, result.status], [false, 404]);
    assert.match(result.detail, /base_url/);
  });

  test("to a host that does not exist says so; of the simulation it is good", async () => {
    assert.equal((await tried({ base_url: "http://nowhere.invalid/v1", api_key: KEY })).good, false);
    const sim = (await api.get(PROVIDERS)).providers.find((one) => one.name === "sim");
    assert.equal((await api.post(`${PROVIDERS}/${sim.id}/test`)).good, true);
    assert.equal((await api.call("POST", `${PROVIDERS}/prov_none/test`)).status, 404);
  });
});

describe("a test before saving", () => {
  const TEST = `${PROVIDERS}/test`;
  const tested = (body) => api.call("POST", TEST, body);

  test("uses the key that is typed, once, and stores nothing", async () => {
    const before = [await api.get(PROVIDERS), (await api.get("/api/changes?count=500")).changes.length];
    const good = await tested(input("draft", { api_key: KEY }));
    assert.deepEqual([good.status, good.body.good, good.body.models], [200, true, ["model-a", "model-b"]]);
    const { name: _, ...nameless } = input("", { api_key: KEY });
    assert.equal((await tested(nameless)).body.good, true, "before it has a name");
    const bad = await tested(input("draft", { api_key: "sk-canary-bad-key-4" }));
    assert.deepEqual([bad.body.good, bad.body.status, bad.text.includes("canary")], [false, 401, false]);
    assert.match((await tested(input("draft"))).body.detail, /none is set/);
    assert.deepEqual([await api.get(PROVIDERS), (await api.get("/api/changes?count=500")).changes.length], before);
  });

  test("judges the draft as saving it would", async () => {
    const wrong = [[input("draft", { base_url: "nowhere" }), "base_url", 422], [input("filed"), "name", 409], [input("draft", { api_key: "a b" }), "api_key", 422], [input("draft", { headers: { Cookie: "a" } }), "headers.Cookie", 422]];
    for (const [body, field, status] of wrong) {
      const answer = await tested(body);
      assert.equal(answer.status, status, answer.text);
      assert.ok(answer.body.errors.some((error) => error.field.includes(field)), answer.text);
    }
    assert.equal((await tested(input("draft", { id: "prov_none" }))).status, 404);
  });

  test("of one that is there uses its key, but never for another host", async () => {
    const { id } = await api.post(PROVIDERS, input("kept-key", { api_key: KEY }));
    assert.equal((await tested(input("kept-key", { id }))).body.good, true);
    assert.equal((await tested(input("kept-key", { id, api_key: null }))).body.status, 401, "as if it were taken away");
    const elsewhere = await startUpstream();
    const filed = (await api.get(PROVIDERS)).providers.find((one) => one.name === "filed");
    for (const base_url of [`${elsewhere.url}/v1`, `${upstream.url.replace("127.0.0.1", "localhost")}/v1`]) {
      for (const body of [input("kept-key", { id, base_url }), input("filed", { id: filed.id, base_url })]) {
        const answer = await tested(body);
        assert.equal(answer.status, 422, answer.text);
        assert.deepEqual(answer.body.errors.map((error) => error.field), ["api_key"]);
        assert.match(answer.text, /must be given again/);
      }
    }
    assert.equal(elsewhere.requests.length, 0);
    assert.equal((await tested(input("kept-key", { id, base_url: `${elsewhere.url}/v1`, api_key: OTHER_KEY }))).body.good, true);
    assert.deepEqual(elsewhere.requests.map((request) => request.headers.authorization), [`Bearer ${OTHER_KEY}`]);
    assert.equal((await api.get(`${PROVIDERS}/${id}`)).base_url, `${upstream.url}/v1`);
    await api.delete(`${PROVIDERS}/${id}`);
    elsewhere.stop();
  });
});

describe("a stored key", () => {
  test("is nowhere to be read: no answer, event, change, log, record or byte of the database", async () => {
    const events = await openEvents(api);
    const { id } = await api.post(PROVIDERS, input("secret", { api_key: KEY }));
    await api.put(`${PROVIDERS}/${id}`, input("secret", { api_key: OTHER_KEY }));
    for (const body of [input("secret", { api_key: `${KEY} ` }), input("other", { api_key: KEY, kind: "none" }), `{"api_key": "${KEY}"`]) await api.call("PUT", `${PROVIDERS}/${id}`, body);
    assert.equal((await chat(gateway.url, "secret/model-a")).status, 200);
    await until("the change as an event", () => events.events, (all) => all.some((one) => one.event === "change" && one.data.subject === "provider:secret"));
    const answers = [];
    for (const target of [PROVIDERS, `${PROVIDERS}/${id}`, "/api/changes?count=500", "/api/state", "/api/requests", "/api/settings/timeouts/effective"]) answers.push((await api.call("GET", target)).text);
    const changes = JSON.parse(answers[2]).changes.filter((change) => change.subject === "provider:secret");
    assert.deepEqual(changes.map((change) => change.after.api_key), ["replaced", "replaced"]);
    events.close();
    await api.delete(`${PROVIDERS}/${id}`);
    const texts = { answers: answers.join(), events: JSON.stringify(events.events), log: gateway.log() + gateway.output.stdout };
    for (const name of readdirSync(gateway.data)) texts[name] = readFileSync(join(gateway.data, name), "latin1");
    assert.ok(texts["punctual.db"].length + texts["punctual.db-wal"].length > 10_000);
    for (const [where, text] of Object.entries(texts))
      for (const secret of [KEY, OTHER_KEY, "sk-canary-bad", "canary-header"]) assert.ok(!text.includes(secret), `${secret} in ${where}`);
  });

  test("is good after a restart", async () => {
    const first = await startManaged();
    await first.api.post(PROVIDERS, input("kept", { api_key: KEY }));
    await first.stop();
    const second = await startManaged({ data: first.data });
    assert.equal((await chat(second.url, "kept/model-a")).status, 200);
    await second.stop();
  });
});
