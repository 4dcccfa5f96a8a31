// The chain of timeouts: each layer with where it is set, and which gives up first.

import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { after, before, describe, test } from "node:test";

import { PUNCTUAL, cleanEnvironment, startChild } from "./support/child.mjs";
import { HELLO } from "./support/clients.mjs";
import { provider } from "./support/gateway.mjs";
import { PASSWORD, apiOf, chat, entryWhen, logIn, startManaged } from "./support/management.mjs";
import { until } from "./support/until.mjs";

const CHAIN = "/api/settings/timeouts/chain";

let gateway;
let api;
before(async () => {
  gateway = await startManaged({
    config:
      "[timeouts]\nchat_seconds = 300\nembeddings_seconds = 40\nfirst_token_seconds = 70\nidle_seconds = 80\n" +
      provider("near", "http://127.0.0.1:1/v1", { more: "timeouts = { first_token_seconds = 20 }" }),
  });
  api = gateway.api;
});
after(() => gateway?.stop());

const layerOf = (chain, pattern) => chain.layers.find((layer) => layer.ours && pattern.test(layer.id));
const chain = (query = "") => api.get(`${CHAIN}${query}`);

describe("the chain", () => {
  test("has our limits with their values, and follows a change at once", async () => {
    const before = await chain();
    assert.deepEqual([before.endpoint, before.stream], ["chat", true]);
    assert.deepEqual([layerOf(before, /total/).seconds, layerOf(before, /first_token/).seconds, layerOf(before, /idle/).seconds], [300, 70, 80]);
    await api.put("/api/settings/timeouts", { chat_seconds: 123 });
    assert.equal(layerOf(await chain(), /total/).seconds, 123);
    await api.put("/api/settings/timeouts", { chat_seconds: null });
    assert.equal(layerOf(await chain(), /total/).seconds, 300);
  });

  test("is that of an endpoint, of streams or not", async () => {
    const embeddings = await chain("?endpoint=embeddings");
    assert.deepEqual([embeddings.endpoint, embeddings.stream, layerOf(embeddings, /total/).seconds], ["embeddings", false, 40]);
    const whole = await chain("?endpoint=chat&stream=false");
    assert.equal(whole.stream, false);
    assert.ok(!(layerOf(whole, /first_token/)?.seconds > 0), "no limit of streams applies");
  });

  test("is that of a rule and of a provider, and says who gives up first", async () => {
    assert.equal(layerOf(await chain("?provider=near"), /first_token/).seconds, 20);
    const { id } = await api.post("/api/settings/rules", { match: "exact", pattern: "quick", targets: [{ provider: "near" }], timeouts: { total_seconds: 11 } });
    const ruled = await chain(`?rule=${id}&provider=near`);
    const total = layerOf(ruled, /total/);
    assert.equal(total.seconds, 11);
    assert.deepEqual([ruled.silent.layer, ruled.silent.seconds], [total.id, 11]);
    await api.delete(`/api/settings/rules/${id}`);
    assert.equal((await api.call("GET", `${CHAIN}?rule=${id}`)).status, 400);
  });

  test("wants known names", async () => {
    for (const query of ["endpoint=images", "stream=maybe", "rule=none", "provider=nobody", "color=red"])
      assert.equal((await api.call("GET", `${CHAIN}?${query}`)).status, 400, query);
  });

  test("is for those who may look", async () => {
    await api.post("/api/users", { name: "vera", password: PASSWORD, role: "viewer" });
    assert.ok((await (await logIn(gateway.url, "vera")).get(CHAIN)).layers.length > 0);
    assert.equal((await apiOf(gateway.url).call("GET", CHAIN)).status, 401);
    assert.equal((await api.call("PUT", CHAIN, {})).status, 405);
  });
});

describe("what was observed", () => {
  const HANG_UPS = 25;
  const PATIENCE_MS = 2000;

  /** A client that hangs up by itself. */
  async function impatient(ms, body = {}) {
    const request = httpRequest(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: { "Content-Type": "application/json" } });
    request.on("error", () => {});
    request.end(JSON.stringify({ model: "sim:never", messages: HELLO, ...body }));
    const timer = setTimeout(() => request.destroy(), ms);
    await new Promise((closed) => request.on("close", closed));
    clearTimeout(timer);
  }
  const cancelled = async () => (await api.get("/api/requests/facets?outcome=cancelled&from=1h")).endpoint.values.find((one) => one.value === "chat")?.count ?? 0;

  test("hang-ups at one duration are a layer: likely, with the requests behind it, and no fact", async () => {
    assert.deepEqual((await chain("?stream=false")).layers.filter((one) => !one.ours), []);
    // People who press Stop: at any time. One that an operator ends is no hang-up.
    await Promise.all([...Array.from({ length: 10 }, (_, i) => impatient(100 + 130 * i)), ...Array.from({ length: HANG_UPS }, () => impatient(PATIENCE_MS))]);
    await until("all hang-ups are recorded", cancelled, (count) => count === HANG_UPS + 10);
    const observed = await chain("?stream=false");
    const [layer] = observed.layers.filter((one) => one.known === "learnt");
    assert.ok(layer, JSON.stringify(observed.layers));
    assert.equal(observed.layers[0].id, layer.id, "outermost");
    assert.ok(Math.abs(layer.seconds - PATIENCE_MS / 1000) < 0.1, `${layer.seconds} s`);
    const [, count] = /^(\d+) clients hung up at about /.exec(layer.evidence);
    assert.ok(count >= 20 && count <= HANG_UPS, layer.evidence);
    assert.equal((await api.get(`/api/requests?${layer.requests}&count=500`)).requests.length, Number(count));
    const finding = observed.findings.find((one) => one.layer === layer.id);
    assert.deepEqual([finding.severity, finding.requests], ["warning", layer.requests]);
    assert.match(finding.text, /before our total of 300 s\. A limit of theirs, or of something in front, is likely; it is not known/);
    assert.equal(observed.silent.layer, "total", "what is learnt is no fact");
    assert.ok(!(await chain()).layers.some((one) => one.known === "learnt"), "they were not streams");

    const { findings } = await api.post("/api/settings/timeouts/preview", { chat_seconds: 600 });
    const warned = findings.find((one) => one.layer === layer.id);
    assert.deepEqual([warned.stream, warned.is_new], [false, false]);
    assert.match(warned.text, /before our total of 600 s/);
  });

  test("what clients announce is a layer, and what they ask for too", async () => {
    const streamed = { more: { stream: true } };
    for (const header of [{ "x-stainless-timeout": "33" }, { "x-stainless-timeout": "44" }, { "x-stainless-timeout": "44" }, { "x-stainless-read-timeout": "7" }, { "X-Request-Timeout": "12" }])
      assert.equal((await chat(gateway.url, "sim-fast", { ...streamed, headers: header })).status, 200);
    await entryWhen(api, (entry) => entry.outcome === "success", "outcome=success&count=500");
    const sent = (id) => async () => (await chain()).layers.find((one) => one.id === id);
    const wait = await until("three announcements are recorded", sent("sent:wait"), (layer) => layer?.evidence.startsWith("3 of"));
    assert.deepEqual([wait.seconds, wait.known, wait.source, wait.ours], [44, "sent", "x-stainless-timeout", false]);
    assert.match(wait.evidence, /the shortest 33 s, most often 44 s$/);
    const silence = await until("the silence is recorded", sent("sent:silence"), (layer) => layer !== undefined);
    assert.deepEqual([silence.seconds, silence.counts], [7, "restarts"]);
    const limit = await until("the limit is recorded", sent("sent:limit"), (layer) => layer !== undefined);
    assert.deepEqual([limit.seconds, limit.source], [12, "X-Request-Timeout"]);
    const { requests } = await api.get("/api/requests?outcome=success&count=500");
    const records = await Promise.all(requests.map(async ({ id }) => (await api.get(`/api/requests/${id}`)).record));
    assert.ok(records.some((record) => record.client_waits_seconds === 44 && record.client_waits_header === "x-stainless-timeout"));
  });

  test("the doctor says the same of the same database", async () => {
    const doctor = startChild(PUNCTUAL, ["doctor", "--data", gateway.data], { env: cleanEnvironment({}) });
    assert.equal((await doctor.ended).code, 0, doctor.output.stdout + doctor.output.stderr);
    assert.match(doctor.output.stdout, /where clients hung up +[\d.]+ s +learnt: \d+ clients hung up at about/);
    assert.match(doctor.output.stdout, /sent: 3 of the latest \d+ such requests said so/);
  });

  test("requests are filtered by rule and by a longest duration", async () => {
    const all = (await api.get("/api/requests?outcome=cancelled&count=500")).requests;
    const quick = (await api.get("/api/requests?outcome=cancelled&faster_than=1&count=500")).requests;
    assert.deepEqual(quick.map(({ id }) => id), all.filter((one) => one.duration_ms < 1000).map(({ id }) => id));
    assert.ok(quick.length > 0 && quick.length < all.length);
    assert.deepEqual((await api.get("/api/requests?rule=no-such-rule")).requests, []);
    assert.equal((await api.call("GET", "/api/requests?faster_than=soon")).status, 400);
  });

  test("an upstream's own limit is innermost, and warned of where it comes first", async () => {
    const body = { name: "own", kind: "openai", base_url: "http://127.0.0.1:1/v1", own_limit_seconds: 60 };
    const made = await api.post("/api/settings/providers", body);
    assert.equal(made.own_limit_seconds, 60);
    const own = await chain("?provider=own");
    assert.deepEqual([own.layers.at(-1).id, own.layers.at(-1).seconds, own.layers.at(-1).known], ["upstream", 60, "declared"]);
    assert.match(own.findings.find((one) => one.layer === "upstream").text, /own gives up by itself after 60 s, before our `total` of 300 s/);
    await api.put(`/api/settings/providers/${made.id}`, { ...made, own_limit_seconds: null });
    assert.ok(!(await chain("?provider=own")).layers.some((one) => one.id === "upstream"));
    const refused = await api.call("PUT", `/api/settings/providers/${made.id}`, { ...body, own_limit_seconds: -1 });
    assert.equal(refused.status, 422, refused.text);
    assert.match(refused.text, /own_limit_seconds/);
    await api.delete(`/api/settings/providers/${made.id}`);
  });
});
