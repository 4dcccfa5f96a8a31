// API keys of /v1: made, required, limited, revoked; by the API and by `punctual keys`.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { cleanEnvironment, PUNCTUAL, runToEnd } from "./support/child.mjs";
import { configurationFile, startGateway } from "./support/gateway.mjs";
import { chat, limitOf, send, startManaged } from "./support/management.mjs";
import { timed, until } from "./support/until.mjs";

const KEYS = "/api/keys";
const bearer = (key) => ({ headers: { Authorization: `Bearer ${key}` } });
const ask = (gateway, key, model = "sim:tokens=1") => chat(gateway.url, model, key === undefined ? {} : bearer(key));

describe("keys", () => {
  let gateway;
  let api;
  let first;
  before(async () => {
    gateway = await startManaged({ threads: 2 });
    api = gateway.api;
  });
  after(() => gateway.stop());

  test("without any, /v1 asks for none and ignores what clients always send", async () => {
    for (const key of [undefined, "sk-whatever"]) assert.equal((await ask(gateway, key)).status, 200);
  });

  test("a key is shown once; from then on one is needed", async () => {
    first = await api.post(KEYS, { name: "first" });
    assert.ok(first.key.endsWith(first.hint) && first.key.length >= 32);
    const [listed] = (await api.get(KEYS)).keys;
    assert.deepEqual([listed.name, listed.hint, listed.models, listed.revoked, listed.created_by], ["first", first.hint, [], null, "token:admin"]);
    assert.ok(!JSON.stringify([await api.get(KEYS), await api.get("/api/changes"), gateway.log()]).includes(first.key));
    for (const key of [undefined, "sk-whatever", `${first.key}x`, first.key.slice(1), first.id]) {
      const answer = await ask(gateway, key);
      assert.equal(answer.status, 401, `${key}: ${answer.text}`);
      assert.equal(answer.headers["www-authenticate"]?.split(" ")[0], "Bearer");
      assert.ok(!key || !answer.text.includes(key));
    }
    // Both threads, both headers, the list of models too.
    for (let i = 0; i < 10; ++i) assert.equal((await ask(gateway, first.key)).status, 200);
    assert.equal((await chat(gateway.url, "sim:tokens=1", { headers: { "x-api-key": first.key } })).status, 200);
    assert.equal((await send(gateway.url, "GET", "/v1/models")).status, 401);
    assert.equal((await send(gateway.url, "GET", "/v1/models", bearer(first.key))).status, 200);
    for (const target of ["/health", "/ready", "/metrics"]) assert.equal((await send(gateway.url, "GET", target)).status, 200);
  });

  test("what is wrong is named", async () => {
    for (const [body, field] of [
      [{}, "name"],
      [{ name: "" }, "name"],
      [{ name: "a", models: "gpt" }, "models"],
      [{ name: "a", models: [""] }, "models"],
      [{ name: "a", requests_per_minute: 0 }, "requests_per_minute"],
      [{ name: "a", requests_per_minute: 1.5 }, "requests_per_minute"],
      [{ name: "a", tokens_per_minute: "many" }, "tokens_per_minute"],
      [{ name: "a", deadline_seconds_max: 0 }, "deadline_seconds_max"],
      [{ name: "a", deadline_seconds_max: 86401 }, "deadline_seconds_max"],
      [{ name: "a", color: "red" }, "color"],
    ]) {
      const answer = await api.call("POST", KEYS, body);
      assert.equal(answer.status, 422, `${field}: ${answer.text}`);
      assert.deepEqual(answer.body.errors.map((error) => error.field), [field]);
    }
    assert.equal((await api.call("POST", KEYS, { name: "FIRST" })).status, 409);
    assert.equal((await api.call("PUT", `${KEYS}/key_none`, { name: "x" })).status, 404);
  });

  test("a model that is not allowed is refused", async () => {
    const { id, key } = await api.post(KEYS, { name: "some models", models: ["sim:tokens=2", "sim-*"] });
    assert.equal((await ask(gateway, key, "sim:tokens=2")).status, 200);
    assert.equal((await ask(gateway, key, "sim-fast")).status, 200);
    const refused = await ask(gateway, key);
    assert.equal(refused.status, 403);
    assert.match(refused.body.error.message, /sim:tokens=1/);
    await api.put(`${KEYS}/${id}`, { models: null });
    assert.equal((await ask(gateway, key)).status, 200);
  });

  test("requests per minute: refused with an honest Retry-After", async () => {
    const { id, key } = await api.post(KEYS, { name: "slow", requests_per_minute: 3 });
    for (let i = 0; i < 3; ++i) assert.equal((await ask(gateway, key)).status, 200);
    const refused = await ask(gateway, key);
    assert.equal(refused.status, 429, refused.text);
    const wait = Number(refused.headers["retry-after"]);
    assert.ok(wait >= 1 && wait <= 20, `${wait}: one each 20 s`);
    // The same at a rate that a test can wait for: not before, and then at once.
    const { key: quick } = await api.post(KEYS, { name: "quick", requests_per_minute: 60 });
    const answers = await Promise.all(Array.from({ length: 70 }, () => ask(gateway, quick)));
    const late = answers.filter((answer) => answer.status === 429);
    assert.ok(late.length >= 5 && answers.every((answer) => [200, 429].includes(answer.status)));
    assert.ok(late.every((answer) => Number(answer.headers["retry-after"]) >= 1));
    const { ms } = await timed(() => until("a place", () => ask(gateway, quick), (answer) => answer.status === 200));
    assert.ok(ms <= 1000 * Math.max(...late.map((answer) => Number(answer.headers["retry-after"]))) + 500, `${ms}`);
    assert.equal((await api.put(`${KEYS}/${id}`, { requests_per_minute: null })).requests_per_minute, null);
    assert.equal((await ask(gateway, key)).status, 200);
  });

  test("tokens per minute: what was used counts", async () => {
    const { key } = await api.post(KEYS, { name: "tokens", tokens_per_minute: 10 });
    assert.equal((await ask(gateway, key, "sim:tokens=40")).status, 200);
    const refused = await ask(gateway, key, "sim:tokens=1");
    assert.equal(refused.status, 429, refused.text);
    assert.ok(Number(refused.headers["retry-after"]) > 60);
  });

  test("the longest deadline of a key", async () => {
    const { id, key } = await api.post(KEYS, { name: "short", deadline_seconds_max: 7.5 });
    assert.deepEqual(limitOf(await ask(gateway, key)), { seconds: 7.5, source: "api_key short" });
    await api.put(`${KEYS}/${id}`, { deadline_seconds_max: 86400 });
    assert.equal(limitOf(await ask(gateway, key)).seconds, 900, "it only shortens");
    await api.put(`${KEYS}/${id}`, { deadline_seconds_max: 0.3 });
    const late = await ask(gateway, key, "sim:never");
    assert.deepEqual([late.status, late.body.limit, late.body.limit_seconds], [504, "total", 0.3]);
  });

  test("the log says which key", async () => {
    await ask(gateway, first.key, "sim:tokens=4");
    const entries = await until("an entry of the key", () => api.get(`/api/requests?key=${first.id}&model=sim:tokens=4`), ({ requests }) => requests.length > 0);
    assert.equal(entries.requests[0].api_key, first.id);
  });

  test("revoked at once, and for ever", async () => {
    await api.post(KEYS, { name: "never" });
    const { id, key } = await api.post(KEYS, { name: "gone" });
    assert.equal((await ask(gateway, key)).status, 200);
    await api.delete(`${KEYS}/${id}`);
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(gateway, key)));
    assert.ok(answers.every((answer) => answer.status === 401));
    assert.equal((await api.call("PUT", `${KEYS}/${id}`, { name: "back" })).status, 409);
    assert.notEqual((await api.get(KEYS)).keys.find((one) => one.id === id).revoked, null);
    const again = await startManaged({ data: (await gateway.stop(), gateway.data) });
    assert.equal((await ask(again, key)).status, 401);
    assert.equal((await ask(again, first.key)).status, 200);
    // When a key was last used is noted now and then, and at the end.
    const { keys } = await again.api.get(KEYS);
    const lastUsed = (name) => keys.find((one) => one.name === name).last_used;
    assert.ok(Math.abs(Date.now() - Date.parse(lastUsed("first"))) < 120_000);
    assert.equal(lastUsed("never"), null);
    gateway = again;
  });
});

describe("the command line", () => {
  const keys = (data, ...words) => runToEnd(PUNCTUAL, ["keys", ...words, "--data", data], { env: cleanEnvironment() });

  test("makes, lists and revokes keys of a gateway that runs", async () => {
    const gateway = await startManaged();
    const { code, stdout, stderr } = await keys(gateway.data, "create", "from a shell", "--model", "sim:*");
    assert.equal(code, 0, stderr);
    const key = stdout.trim();
    assert.ok(!stderr.includes(key));
    await until("the key in force", () => ask(gateway), (answer) => answer.status === 401);
    assert.equal((await ask(gateway, key)).status, 200);
    assert.equal((await ask(gateway, key, "sim-fast")).status, 403);
    const [listed] = (await gateway.api.get(KEYS)).keys;
    assert.deepEqual([listed.name, listed.created_by], ["from a shell", "command line"]);
    assert.match((await keys(gateway.data, "list")).stdout, new RegExp(`^${listed.id}  \\.\\.\\.${key.slice(-4)}  from a shell\n$`));
    assert.equal((await keys(gateway.data, "revoke", listed.id)).code, 0);
    // With the last key gone, none is needed any more.
    await until("the key out of force", () => ask(gateway, key, "sim-fast"), (answer) => answer.status === 200);
    assert.match((await keys(gateway.data, "list")).stdout, /\(revoked\)/);
    const again = await keys(gateway.data, "revoke", listed.id);
    assert.deepEqual([again.code, /revoked for ever/.test(again.stderr)], [1, true]);
    assert.equal((await keys(gateway.data, "revoke", "key_none")).code, 1);
    assert.equal((await keys(gateway.data, "create")).code, 2);
    await gateway.stop();
  });

  test("seals the providers' keys anew under a gateway that runs", async () => {
    const gateway = await startManaged();
    await gateway.api.post("/api/settings/providers", { name: "one", kind: "openai", base_url: "http://127.0.0.1:9/v1", api_key: "sk-canary-rotated-1" });
    const rotated = await keys(gateway.data, "rotate");
    assert.equal(rotated.code, 0, rotated.stderr);
    // The gateway goes on with the new key: it can seal another, and opens both after a restart.
    await until("the change", () => gateway.api.get("/api/changes?subject=vault"), ({ changes }) => changes.length === 1);
    await gateway.api.post("/api/settings/providers", { name: "two", kind: "openai", base_url: "http://127.0.0.1:9/v1", api_key: "sk-canary-rotated-2" });
    await gateway.stop();
    const again = await startManaged({ data: gateway.data });
    assert.deepEqual((await again.api.get("/api/settings/providers")).providers.map((one) => `${one.name} ${one.key.set}`).sort(), ["one true", "sim false", "two true"]);
    await again.stop();
  });

  test("an address that others can reach needs a key first", async () => {
    const { data, ...first } = await startGateway();
    await first.stop();
    const serve = (env = {}) => runToEnd(PUNCTUAL, ["serve", "--config", configurationFile(""), "--listen", "0.0.0.0:0", "--data", data], { env: cleanEnvironment(env) });
    const refused = await serve();
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /0\.0\.0\.0:0 can be reached.*punctual keys create/);
    await keys(data, "create", "one");
    const gateway = await startGateway({ data, parameters: ["--listen", "0.0.0.0:0"] });
    assert.equal((await ask(gateway)).status, 401);
    await gateway.stop();
  });
});
