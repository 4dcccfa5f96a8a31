// The commands: what they say, how they end, what they refuse.

import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { describe, test } from "node:test";

import { cleanEnvironment, PUNCTUAL, runToEnd } from "./support/child.mjs";
import { HELLO } from "./support/clients.mjs";
import { configurationFile, provider, startGateway, temporaryFolder } from "./support/gateway.mjs";

const punctual = (...parameters) => runToEnd(PUNCTUAL, parameters);
const check = (text, env = {}) => runToEnd(PUNCTUAL, ["config", "check", configurationFile(text)], { env: cleanEnvironment(env) });
const serve = (text, ...parameters) => runToEnd(PUNCTUAL, ["serve", "--config", configurationFile(text), "--data", temporaryFolder(), ...parameters]);

describe("usage", { concurrency: true }, () => {
  test("--version", async () => {
    const { code, stdout, stderr } = await punctual("--version");
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^punctual \d+\.\d+\.\d+\n$/);
  });

  for (const command of [[], ["serve"], ["sim"], ["config"], ["config", "check"]]) {
    test(`${command.join(" ")} --help`, async () => {
      const { code, stdout, stderr } = await punctual(...command, "--help");
      assert.deepEqual([code, stderr], [0, ""]);
      assert.match(stdout, new RegExp(`Usage: .*${command.join(" ")}`));
    });
  }

  for (const wrong of [["--nonsense"], ["serve", "--nonsense"], ["sim", "--listen"], ["nonsense"], [], ["config"], ["config", "check"], ["serve", "--threads", "many"]]) {
    test(`"${wrong.join(" ")}" is a mistake: 2, on stderr`, async () => {
      const { code, stdout, stderr } = await punctual(...wrong);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.ok(stderr.length > 0);
    });
  }
});

describe("config check", { concurrency: true }, () => {
  test("a good file", async () => {
    const { code, stdout } = await check('[timeouts]\nchat_seconds = 5\n' + provider("p", "http://127.0.0.1:1/v1"));
    assert.equal(code, 0);
    assert.match(stdout, /is good: 1 providers, 0 rules/);
  });

  for (const [what, text, line, key] of [
    ["an unknown key", "[server]\nthreads = 1\nlisten_on = 1\n", 3, "server.listen_on"],
    ["a wrong type", '[timeouts]\nchat_seconds = "long"\n', 2, "timeouts.chat_seconds"],
    ["a limit of zero", "[timeouts]\n\nchat_seconds = 0\n", 3, "timeouts.chat_seconds"],
    ["an unknown kind", '[[providers]]\nname = "a"\nkind = "grpc"\nbase_url = "http://a/v1"\n', 3, "kind"],
    ["a rule for nobody", '[[rules]]\npriority = 1\nmatch = "exact"\npattern = "a"\ntargets = [{ provider = "gone" }]\n', 5, "provider"],
    ["no TOML", "[server\n", 1, ""],
    ["a key that is not set", provider("p", "http://a/v1", { more: 'api_key_env = "NOT_SET"' }), 5, "api_key_env"],
  ]) {
    test(`${what}: file, line and key are named`, async () => {
      const { code, stdout, stderr } = await check(text);
      assert.equal(code, 1);
      assert.equal(stdout, "");
      assert.match(stderr, new RegExp(`^/.*punctual\\.toml:${line}: .*${key.replace(".", "\\.")}`));
    });
  }

  test("all errors at once, and serve refuses the same file", async () => {
    const text = "[server]\nx = 1\n[timeouts]\ny = 2\n";
    const checked = await check(text);
    assert.equal(checked.stderr.trim().split("\n").length, 2);
    const served = await serve(text, "--listen", "127.0.0.1:0");
    assert.equal(served.code, 1);
    assert.equal(served.stderr.trim().split("\n").length, 2);
  });

  test("a pattern that is no regular expression", async () => {
    const { code, stderr } = await check('[[rules]]\npriority = 1\nmatch = "regex"\npattern = "(a"\ntargets = [{ provider = "sim" }]\n');
    assert.equal(code, 1);
    assert.match(stderr, /\(a/);
  });

  test("a file that is not there", async () => {
    const { code, stderr } = await punctual("config", "check", "/nowhere/punctual.toml");
    assert.equal(code, 1);
    assert.match(stderr, /\/nowhere\/punctual\.toml/);
  });
});

describe("serve refuses", { concurrency: true }, () => {
  test("to be reached from elsewhere, unless open says so", async () => {
    const { code, stderr } = await serve("", "--listen", "0.0.0.0:0");
    assert.equal(code, 1);
    assert.match(stderr, /0\.0\.0\.0:0.*server\.open/s);
    const open = await startGateway({ config: "[server]\nopen = true\n", parameters: ["--listen", "0.0.0.0:0"] });
    await open.stop();
  });

  test("a port that is in use", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const address = `127.0.0.1:${holder.address().port}`;
    const { code, stderr } = await serve("", "--listen", address);
    assert.equal(code, 1);
    assert.ok(stderr.includes(address) && /in use/.test(stderr), stderr);
    holder.close();
    const first = await startGateway();
    const second = await serve("", "--listen", `127.0.0.1:${first.port}`);
    assert.equal(second.code, 1);
    await first.stop();
  });

  test("a key file that others can read", async () => {
    const file = join(temporaryFolder(), "key");
    writeFileSync(file, "sk-canary-in-a-file\n");
    chmodSync(file, 0o644);
    const config = provider("p", "http://127.0.0.1:1/v1", { more: `api_key_file = "${file}"` });
    const refused = await serve(config, "--listen", "127.0.0.1:0");
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /mode 0644.*chmod 0600/);
    assert.ok(!refused.stderr.includes("canary"));
    chmodSync(file, 0o600);
    await (await startGateway({ config })).stop();
  });
});

describe("the names of the system before", () => {
  const limitOn = async (gateway, path) => {
    const body = JSON.stringify({ model: "sim:tokens=1", input: "a", prompt: "a", messages: HELLO });
    return (await fetch(gateway.url + path, { method: "POST", headers: { "Content-Type": "application/json" }, body })).headers.get("x-punctual-limit");
  };

  test("MLX_SERVER_TIMEOUT_*_SECONDS are in force, and named as the source", async () => {
    const env = { MLX_SERVER_TIMEOUT_CHAT_SECONDS: "0.3", MLX_SERVER_TIMEOUT_COMPLETIONS_SECONDS: "61.5", MLX_SERVER_TIMEOUT_EMBEDDINGS_SECONDS: "31" };
    const gateway = await startGateway({ env, config: "[timeouts]\nchat_seconds = 100\n" });
    assert.equal(await limitOn(gateway, "/v1/chat/completions"), 'total=0.3;source="environment MLX_SERVER_TIMEOUT_CHAT_SECONDS"');
    assert.equal(await limitOn(gateway, "/v1/completions"), 'total=61.5;source="environment MLX_SERVER_TIMEOUT_COMPLETIONS_SECONDS"');
    assert.equal(await limitOn(gateway, "/v1/embeddings"), 'total=31;source="environment MLX_SERVER_TIMEOUT_EMBEDDINGS_SECONDS"');
    const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", body: JSON.stringify({ model: "sim:never", messages: HELLO }), headers: { "Content-Type": "application/json" } });
    const document = await response.json();
    assert.deepEqual([response.status, document.limit_source, document.error.message], [504, "environment MLX_SERVER_TIMEOUT_CHAT_SECONDS", "Request timed out after 0.3 seconds"]);
    await gateway.stop();
  });

  test("our own name wins, and the log says so", async () => {
    const gateway = await startGateway({ env: { MLX_SERVER_TIMEOUT_CHAT_SECONDS: "70", PUNCTUAL_TIMEOUT_CHAT_SECONDS: "80" } });
    assert.equal(await limitOn(gateway, "/v1/chat/completions"), 'total=80;source="environment PUNCTUAL_TIMEOUT_CHAT_SECONDS"');
    assert.match(gateway.log(), /MLX_SERVER_TIMEOUT_CHAT_SECONDS/);
    await gateway.stop();
  });

  test("the defaults are those of the system before", async () => {
    const gateway = await startGateway();
    const limits = await Promise.all(["/v1/chat/completions", "/v1/completions", "/v1/embeddings"].map((path) => limitOn(gateway, path)));
    assert.deepEqual(limits, [900, 600, 120].map((seconds) => `total=${seconds};source="default"`));
    await gateway.stop();
  });

  test("a value that is none is refused by its name", async () => {
    const { code, stderr } = await check("", { MLX_SERVER_TIMEOUT_CHAT_SECONDS: "soon" });
    assert.equal(code, 1);
    assert.match(stderr, /MLX_SERVER_TIMEOUT_CHAT_SECONDS/);
  });
});
