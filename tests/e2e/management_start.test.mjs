// What a start refuses, and what survives a crash.

import assert from "node:assert/strict";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { cleanEnvironment, PUNCTUAL, runToEnd } from "./support/child.mjs";
import { chat, entryWhen, limitOf, logIn, PASSWORD, startManaged } from "./support/management.mjs";
import { startScripted, wholeAnswer } from "./support/scripted.mjs";

const serve = (data, env = {}) => runToEnd(PUNCTUAL, ["serve", "--listen", "127.0.0.1:0", "--data", data], { env: cleanEnvironment(env) });
const base64 = (byte) => Buffer.alloc(32, byte).toString("base64");
const PROVIDER = { name: "one", kind: "openai", base_url: "http://127.0.0.1:9/v1", api_key: "sk-canary-sealed-1" };

// One sentence on standard error, and nothing that ran.
const assertRefused = ({ code, stdout, stderr }, pattern) => {
  assert.equal(code, 1, stderr);
  assert.match(stderr, pattern);
  assert.doesNotMatch(stdout, /listening/);
  assert.ok(!stderr.includes(PROVIDER.api_key));
};

describe("the master key", () => {
  const sealed = async (env = {}) => {
    const gateway = await startManaged({ env });
    await gateway.api.post("/api/settings/providers", PROVIDER);
    await gateway.stop();
    return gateway.data;
  };

  test("lost: refused, and told how to go on; put back: good again", async () => {
    const data = await sealed();
    const file = join(data, "master.key");
    renameSync(file, `${file}.away`);
    assertRefused(await serve(data), /master key file .*master\.key is missing; the stored provider keys cannot be opened without it: put it back from your backup/);
    renameSync(`${file}.away`, file);
    const again = await startManaged({ data });
    assert.equal((await again.api.get("/api/settings/providers")).providers[0].key.set, true);
    await again.stop();
  });

  test("another one: refused", async () => {
    const data = await sealed();
    const file = join(data, "master.key");
    const good = readFileSync(file);
    writeFileSync(file, `${base64(1)}\n`, { mode: 0o600 });
    assertRefused(await serve(data), /master\.key.*(not the|wrong|another)/);
    assertRefused(await serve(data, { PUNCTUAL_MASTER_KEY: base64(2) }), /PUNCTUAL_MASTER_KEY/);
    assertRefused(await serve(data, { PUNCTUAL_MASTER_KEY: "short" }), /PUNCTUAL_MASTER_KEY/);
    assertRefused(await serve(data, { PUNCTUAL_MASTER_PASSPHRASE: "correct horse battery" }), /PUNCTUAL_MASTER_PASSPHRASE/);
    writeFileSync(file, good);
    const again = await startManaged({ data });
    await again.stop();
  });

  test("as a passphrase: only that one", async () => {
    const data = await sealed({ PUNCTUAL_MASTER_PASSPHRASE: "six random words are enough" });
    assertRefused(await serve(data), /PUNCTUAL_MASTER_PASSPHRASE/);
    assertRefused(await serve(data, { PUNCTUAL_MASTER_PASSPHRASE: "six other words are not" }), /PUNCTUAL_MASTER_PASSPHRASE/);
    const again = await startManaged({ data, env: { PUNCTUAL_MASTER_PASSPHRASE: "six random words are enough" } });
    assert.equal((await again.api.get("/api/settings/providers")).providers[0].key.set, true);
    await again.stop();
  });
});

describe("the data folder", () => {
  test("of a gateway that runs is refused to a second one", async () => {
    const gateway = await startManaged();
    const { code, stderr } = await serve(gateway.data);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`another gateway \\(process ${gateway.child.pid}\\) is running with the data folder .*: stop it, or give this one a folder of its own`));
    assert.equal((await chat(gateway.url, "sim:tokens=1")).status, 200);
    await gateway.stop();
    const again = await startManaged({ data: gateway.data });
    await again.stop();
  });

  test("is readable by its owner only", async () => {
    const gateway = await startManaged();
    const { statSync } = await import("node:fs");
    for (const name of ["punctual.db", "punctual.db-wal", "master.key"]) assert.equal(statSync(join(gateway.data, name)).mode & 0o077, 0, name);
    await gateway.stop();
  });
});

describe("a crash", () => {
  test("during changes: every one that was answered is there", async () => {
    let data;
    for (let round = 0; round < 3; ++round) {
      const gateway = await startManaged({ ...(data ? { data } : {}), threads: 2 });
      data = gateway.data;
      const acknowledged = { chat: 0, rules: [], keys: [] };
      let stopped = false;
      const repeat = async (work) => {
        for (let i = 0; !stopped; ++i) await work(i).catch(() => (stopped = true));
      };
      const working = Promise.all([
        repeat(async (i) => (acknowledged.chat = (await gateway.api.put("/api/settings/timeouts", { chat_seconds: 100 + i })).chat_seconds)),
        repeat(async (i) => acknowledged.rules.push((await gateway.api.post("/api/settings/rules", { match: "exact", pattern: `r${round}-${i}`, targets: [{ provider: "sim" }] })).id)),
        repeat(async (i) => acknowledged.keys.push((await gateway.api.post("/api/keys", { name: `k${round}-${i}` })).id)),
      ]);
      while (acknowledged.rules.length < 5 || acknowledged.keys.length < 5) await gateway.api.get("/api/settings/timeouts");
      await gateway.stop("SIGKILL");
      await working;
      const again = await startManaged({ data });
      const [timeouts, rules, keys] = [await again.api.get("/api/settings/timeouts"), (await again.api.get("/api/settings/rules")).rules, (await again.api.get("/api/keys")).keys];
      // One that was not answered any more may be there, too.
      assert.ok([acknowledged.chat, acknowledged.chat + 1].includes(timeouts.chat_seconds), `${timeouts.chat_seconds}, ${acknowledged.chat}`);
      for (const id of acknowledged.rules) assert.ok(rules.some((rule) => rule.id === id), id);
      for (const id of acknowledged.keys) assert.ok(keys.some((key) => key.id === id), id);
      await again.stop();
    }
  });

  test("keeps sessions, users and what was recorded", async () => {
    const gateway = await startManaged();
    await gateway.api.post("/api/users", { name: "ada", password: PASSWORD, role: "administrator" });
    const { identity } = await logIn(gateway.url, "ada");
    await chat(gateway.url, "sim:tokens=1", { headers: { "X-Request-ID": "before" } });
    await entryWhen(gateway.api, (one) => one.request_id === "before");
    await gateway.stop("SIGKILL");
    const again = await startManaged({ data: gateway.data });
    const { user } = JSON.parse((await again.api.call("GET", "/api/session", undefined, { ...identity, Authorization: "" })).text);
    assert.equal(user.name, "ada");
    await entryWhen(again.api, (one) => one.request_id === "before");
    await again.stop();
  });
});

describe("what is stored and no longer fits the file", () => {
  test("is left out and said, and the rest is in force", async () => {
    const upstream = await startScripted((line) => line.send(wholeAnswer(404, "{}")));
    const config = `[[providers]]\nname = "filed"\nkind = "openai"\nbase_url = "${upstream.url}/v1"\n`;
    const first = await startManaged({ config });
    await first.api.post("/api/settings/rules", { match: "exact", pattern: "lost", targets: [{ provider: "filed" }] });
    await first.api.post("/api/settings/rules", { match: "exact", pattern: "kept", targets: [{ provider: "sim", model: "sim:tokens=1" }] });
    await first.api.put("/api/settings/timeouts", { chat_seconds: 123 });
    await first.stop();
    const second = await startManaged({ data: first.data });
    assert.match(second.log(), /does not fit and is left out: .*filed/);
    const { left_out: leftOut } = await second.api.get("/api/state");
    assert.equal(leftOut.length, 1);
    assert.deepEqual((await second.api.get("/api/settings/rules")).rules.map((rule) => rule.pattern), ["kept"]);
    assert.equal(limitOf(await chat(second.url, "kept")).seconds, 123);
    await second.stop();
    const third = await startManaged({ data: first.data, config });
    assert.deepEqual((await third.api.get("/api/settings/rules")).rules.map((rule) => rule.pattern), ["lost", "kept"]);
    await third.stop();
    upstream.stop();
  });
});
