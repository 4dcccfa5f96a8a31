// `punctual config import`: the timeouts of the server that was there before.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { cleanEnvironment, PUNCTUAL, runToEnd } from "./support/child.mjs";
import { configurationFile, temporaryFolder } from "./support/gateway.mjs";
import { chat, limitOf, startManaged } from "./support/management.mjs";
import { until } from "./support/until.mjs";

const OLD = { MLX_SERVER_TIMEOUT_CHAT_SECONDS: "1200", MLX_SERVER_TIMEOUT_EMBEDDINGS_SECONDS: "45.5" };
const run = (env, ...words) => runToEnd(PUNCTUAL, ["config", "import", ...words], { env: cleanEnvironment(env) });

describe("config import", () => {
  test("prints a section that `config check` takes", async () => {
    const { code, stdout } = await run(OLD);
    assert.deepEqual([code, stdout], [0, "[timeouts]\nchat_seconds = 1200\nembeddings_seconds = 45.5\n"]);
    assert.equal((await runToEnd(PUNCTUAL, ["config", "check", configurationFile(stdout)])).code, 0);
  });

  test("names what is wrong, and says when there is nothing", async () => {
    const bad = await run({ ...OLD, MLX_SERVER_TIMEOUT_CHAT_SECONDS: "soon" });
    assert.deepEqual([bad.code, bad.stdout], [1, ""]);
    assert.match(bad.stderr, /MLX_SERVER_TIMEOUT_CHAT_SECONDS is "soon"/);
    const none = await run({});
    assert.deepEqual([none.code, none.stdout], [1, ""]);
    assert.match(none.stderr, /nothing to import/);
    assert.equal((await run(OLD, "--data", temporaryFolder())).code, 2, "--data goes with --store");
  });

  test("stores them, for a gateway that runs too", async () => {
    const gateway = await startManaged();
    const { code, stdout, stderr } = await run(OLD, "--store", "--data", gateway.data);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /stored chat_seconds = 1200, from MLX_SERVER_TIMEOUT_CHAT_SECONDS\n/);
    assert.match(stdout, /Unset these variables/);
    await until("the limit in force", () => chat(gateway.url, "sim:tokens=1"), (answer) => limitOf(answer).seconds === 1200);
    const timeouts = await gateway.api.get("/api/settings/timeouts");
    assert.deepEqual([timeouts.chat_seconds, timeouts.completions_seconds, timeouts.embeddings_seconds], [1200, 600, 45.5]);
    const [change] = (await gateway.api.get("/api/changes?subject=timeouts")).changes;
    assert.deepEqual([change.actor, change.after], ["command line", { chat_seconds: 1200, embeddings_seconds: 45.5 }]);
    await gateway.stop();
  });

  test("stores nothing when one is out of range, or pinned", async () => {
    const data = temporaryFolder();
    const low = await run({ ...OLD, MLX_SERVER_TIMEOUT_EMBEDDINGS_SECONDS: "10" }, "--store", "--data", data);
    assert.equal(low.code, 1);
    assert.match(low.stderr, /MLX_SERVER_TIMEOUT_EMBEDDINGS_SECONDS \(embeddings_seconds\) is 10: give 30 to 600 seconds/);
    const pinned = await run({ ...OLD, PUNCTUAL_TIMEOUT_CHAT_SECONDS: "77" }, "--store", "--data", data);
    assert.equal(pinned.code, 1);
    assert.match(pinned.stderr, /PUNCTUAL_TIMEOUT_CHAT_SECONDS/);
    const gateway = await startManaged({ data });
    assert.equal((await gateway.api.get("/api/settings/timeouts")).chat_seconds, 900);
    await gateway.stop();
  });
});
