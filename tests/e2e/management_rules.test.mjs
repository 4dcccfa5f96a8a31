// Routing rules as settings: made, ordered, tried, switched off, and in force at once.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { chat, limitOf, startManaged } from "./support/management.mjs";

const RULES = "/api/settings/rules";
const CONFIG = '[[rules]]\npriority = 50\nmatch = "exact"\npattern = "filed"\ntargets = [{ provider = "sim", model = "sim:tokens=1" }]\n';

let gateway;
let api;
before(async () => {
  gateway = await startManaged({ threads: 2, config: CONFIG });
  api = gateway.api;
});
after(() => gateway.stop());

const rule = (pattern, more = {}) => ({ match: "exact", pattern, targets: [{ provider: "sim", model: "sim:tokens=1" }], ...more });
const patterns = async () => (await api.get(RULES)).rules.map((one) => one.pattern);
const clear = async () => {
  for (const one of (await api.get(RULES)).rules) if (one.origin === "stored") await api.delete(`${RULES}/${one.id}`);
};

describe("a rule", () => {
  after(clear);

  test("is made at the end, in force at once with its limits, changed, switched off and removed", async () => {
    const made = await api.call("POST", RULES, rule("mine", { timeouts: { total_seconds: 33 } }));
    assert.deepEqual([made.status, made.body.priority, made.body.enabled, made.body.origin], [201, 60, true, "stored"]);
    assert.deepEqual(limitOf(await chat(gateway.url, "mine")), { seconds: 33, source: "rule mine: total_seconds" });
    const one = `${RULES}/${made.body.id}`;
    await api.put(one, { ...made.body, timeouts: { total_seconds: 44, first_token_seconds: 0.2 }, targets: [{ provider: "sim", model: "sim:never" }] });
    const late = await chat(gateway.url, "mine", { more: { stream: true } });
    assert.deepEqual([late.status, late.body.limit, late.body.limit_source], [504, "first_token", "rule mine: first_token_seconds"]);
    await api.put(one, { ...made.body, enabled: false });
    assert.equal((await chat(gateway.url, "mine")).status, 404);
    await api.put(one, made.body);
    assert.equal((await chat(gateway.url, "mine")).status, 200);
    await api.delete(one);
    assert.equal((await chat(gateway.url, "mine")).status, 404);
    assert.equal((await api.call("GET", one)).status, 404);
    const actions = (await api.get("/api/changes?subject=rule:mine")).changes.map((change) => change.action);
    assert.deepEqual(actions, ["delete", "update", "update", "update", "create"]);
  });

  test("what is wrong is named, and nothing is stored", async () => {
    const before = await api.get(RULES);
    for (const [body, field] of [
      [rule("a(b", { match: "regex" }), "pattern"],
      [rule("(?=x)", { match: "regex" }), "pattern"],
      [rule(""), "pattern"],
      [rule("a", { match: "like" }), "match"],
      [rule("a", { targets: [] }), "targets"],
      [rule("a", { targets: [{ provider: "nobody" }] }), "provider"],
      [rule("a", { targets: "sim" }), "targets"],
      [rule("a", { priority: "first" }), "priority"],
      [rule("a", { priority: 1.5 }), "priority"],
      [rule("a", { enabled: "yes" }), "enabled"],
      [rule("a", { timeouts: { total_seconds: -1 } }), "total_seconds"],
      [rule("a", { timeouts: { whole_seconds: 1 } }), "whole_seconds"],
      [rule("a", { color: "red" }), "color"],
      [{ pattern: "a" }, "match"],
    ]) {
      const answer = await api.call("POST", RULES, body);
      assert.equal(answer.status, 422, `${field}: ${answer.text}`);
      assert.ok(answer.body.errors.some((error) => error.field.includes(field)), `${field}: ${answer.text}`);
    }
    assert.deepEqual(await api.get(RULES), before);
  });

  test("of the file is switched off here, and not removed", async () => {
    const filed = (await api.get(RULES)).rules.find((one) => one.pattern === "filed");
    assert.deepEqual([filed.origin, filed.in_file], ["file", true]);
    assert.equal((await api.call("DELETE", `${RULES}/${filed.id}`)).status, 409);
    const off = await api.put(`${RULES}/${filed.id}`, { ...filed, enabled: false });
    assert.deepEqual([off.id, off.origin, off.in_file, off.enabled], [filed.id, "stored", true, false]);
    assert.equal((await chat(gateway.url, "filed")).status, 404);
    await api.delete(`${RULES}/${filed.id}`);
    assert.equal((await chat(gateway.url, "filed")).status, 200);
  });
});

describe("the order", () => {
  after(clear);

  test("decides who matches, is changed as a whole, and stale changes are told", async () => {
    const ids = [];
    for (const [index, pattern] of ["m-1*", "m-*", "m-12*"].entries()) ids.push((await api.post(RULES, rule(pattern, { match: "glob", timeouts: { total_seconds: 10 + index } }))).id);
    const which = async () => limitOf(await chat(gateway.url, "m-123")).source;
    assert.equal(await which(), "rule m-1*: total_seconds");
    const { headers, body } = await api.call("GET", RULES);
    const filed = body.rules.find((one) => one.pattern === "filed").id;
    const ordered = await api.call("PUT", `${RULES}/order`, { ids: [ids[2], ids[1], filed, ids[0]] }, { "If-Match": headers.etag });
    assert.equal(ordered.status, 200, ordered.text);
    assert.deepEqual(ordered.body.rules.map((one) => [one.pattern, one.priority]), [["m-12*", 10], ["m-*", 20], ["filed", 30], ["m-1*", 40]]);
    assert.equal(await which(), "rule m-12*: total_seconds");
    assert.equal((await api.call("PUT", `${RULES}/order`, { ids }, { "If-Match": headers.etag })).status, 412);
    for (const wrong of [ids, [...ids, filed, "rule_none"], [ids[0], ids[0], ids[1], filed], []]) assert.equal((await api.call("PUT", `${RULES}/order`, { ids: wrong })).status, 422);
    for (const body of [{}, { ids: "a" }, { ids: [1] }]) assert.equal((await api.call("PUT", `${RULES}/order`, body)).status, 422);
    assert.deepEqual(await patterns(), ["m-12*", "m-*", "filed", "m-1*"]);
  });

  test("is that after a restart too", async () => {
    const expected = await patterns();
    await gateway.stop();
    gateway = await startManaged({ data: gateway.data, config: CONFIG });
    api = gateway.api;
    assert.deepEqual(await patterns(), expected);
  });
});

describe("a try", () => {
  test("says which rule, which targets, and what was tried before", async () => {
    await clear();
    await api.post(RULES, rule("gpt-*", { match: "glob", enabled: false, priority: 1 }));
    const matching = await api.post(RULES, rule("gpt-[0-9].*", { match: "regex", priority: 2, targets: [{ provider: "sim" }, { provider: "sim", model: "sim-fast" }] }));
    await api.post(RULES, rule("gpt", { match: "prefix", priority: 3 }));
    const tried = await api.post(`${RULES}/test`, { model: "gpt-4o" });
    assert.deepEqual([tried.rule.id, tried.how], [matching.id, "rule"]);
    assert.deepEqual(tried.targets, [{ provider: "sim", model: "gpt-4o" }, { provider: "sim", model: "sim-fast" }]);
    assert.deepEqual(tried.tried.map((one) => [one.pattern, one.enabled, one.matches]), [["gpt-*", false, true], ["gpt-[0-9].*", true, true]]);
    const named = await api.post(`${RULES}/test`, { model: "sim-fast" });
    assert.deepEqual([named.rule, named.how, named.targets[0].provider], [null, "name", "sim"]);
    const nowhere = await api.post(`${RULES}/test`, { model: "nothing-like-it" });
    assert.deepEqual([nowhere.rule, nowhere.targets], [null, []]);
    assert.match(nowhere.error, /nothing-like-it/);
    for (const body of [{}, { model: 5 }, { model: "a", more: 1 }]) assert.equal((await api.call("POST", `${RULES}/test`, body)).status, 422);
    await clear();
  });
});
