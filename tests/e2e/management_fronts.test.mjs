// What stands in front of the gateway: stored, refused, put back; the chain of timeouts follows at once. What a change
// of the timeouts would make of it, before it is made.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { startManaged } from "./support/management.mjs";

const FRONTS = "/api/settings/fronts";
const CHAIN = "/api/settings/timeouts/chain";
const PREVIEW = "/api/settings/timeouts/preview";

describe("what stands in front", () => {
  let gateway;
  let api;
  before(async () => {
    gateway = await startManaged({ config: '[[front]]\nkind = "nginx"\nname = "edge"\nidle_seconds = 75\n' });
    api = gateway.api;
  });
  after(() => gateway?.stop());

  test("is what the file says, with the kinds that are known", async () => {
    const { fronts, source, in_file, kinds } = await api.get(FRONTS);
    assert.deepEqual(fronts, [{ kind: "nginx", name: "edge", idle_seconds: 75, total_seconds: null }]);
    assert.deepEqual([source, in_file], ["file", 1]);
    assert.deepEqual(kinds.find((one) => one.kind === "nginx"), {
      kind: "nginx", title: "nginx", idle_seconds: 60, total_seconds: null, setting: "proxy_read_timeout",
    });
  });

  test("is stored in the file's place; the chain knows it at once; null goes back", async () => {
    const stored = await api.put(FRONTS, { fronts: [{ kind: "browser", total_seconds: 180 }, { kind: "alb" }, { kind: "nginx", idle_seconds: 0 }] });
    assert.deepEqual([stored.source, stored.in_file, stored.fronts.length], ["stored", 1, 3]);
    assert.deepEqual(stored.fronts[1], { kind: "alb", name: "AWS Application Load Balancer", idle_seconds: null, total_seconds: null });
    const chain = await api.get(`${CHAIN}?stream=false`);
    assert.deepEqual(chain.layers.slice(0, 3).map(({ id, seconds, known }) => [id, seconds, known]), [
      ["front:0:total", 180, "declared"], ["front:1:idle", 60, "assumed"], ["front:2:idle", null, "declared"],
    ]);
    assert.deepEqual([chain.silent, chain.heartbeat_seconds], [{ layer: "front:1:idle", seconds: 60 }, null]);
    assert.equal((await api.get(CHAIN)).heartbeat_seconds, 15);
    // What was read may be sent back.
    assert.deepEqual((await api.put(FRONTS, stored)).fronts, stored.fronts);
    const { changes } = await api.get("/api/changes?subject=fronts");
    assert.deepEqual(changes[1].before, { fronts: [{ kind: "nginx", name: "edge", idle_seconds: 75, total_seconds: null }] });
    assert.equal((await api.put(FRONTS, { fronts: [] })).source, "stored");
    const back = await api.put(FRONTS, { fronts: null });
    assert.deepEqual([back.source, back.fronts[0].name], ["file", "edge"]);
  });

  test("what is wrong is named, and nothing of it is stored", async () => {
    const before = await api.get(FRONTS);
    const refused = async (body, field) => {
      const { status, body: problem } = await api.call("PUT", FRONTS, body);
      assert.equal(status, 422, JSON.stringify(problem));
      assert.equal(problem.errors[0].field, field, JSON.stringify(problem.errors));
    };
    await refused({}, "fronts");
    await refused({ fronts: [{ kind: "nginx" }, { kind: "ngnix" }] }, "fronts[1].kind");
    await refused({ fronts: [{ kind: "nginx", idle_seconds: -1 }] }, "fronts[0].idle_seconds");
    await refused({ fronts: [{ kind: "nginx", idel_seconds: 1 }] }, "fronts[0].idel_seconds");
    await refused({ fronts: Array(9).fill({ kind: "nginx" }) }, "fronts");
    assert.deepEqual(await api.get(FRONTS), before);
  });

  test("somebody else was faster: 412", async () => {
    const { status, body, headers } = await api.call("GET", FRONTS);
    assert.equal(status, 200);
    await api.put(FRONTS, { fronts: body.fronts });
    const late = await api.call("PUT", FRONTS, { fronts: [] }, { "If-Match": headers.etag });
    assert.equal(late.status, 412);
    await api.put(FRONTS, { fronts: null });
  });
});

describe("what a change of the timeouts would do", () => {
  let gateway;
  let api;
  before(async () => {
    gateway = await startManaged({ config: '[timeouts]\nchat_seconds = 60\nidle_seconds = 30\n[[front]]\nkind = "other"\nname = "the edge"\ntotal_seconds = 300\n' });
    api = gateway.api;
  });
  after(() => gateway?.stop());
  const ofChat = ({ findings }) => findings.filter((one) => one.endpoint === "chat" && one.layer.startsWith("front:"));

  test("is told and not done", async () => {
    assert.deepEqual(ofChat(await api.post(PREVIEW, { connect_seconds: 5 })), []);
    const found = ofChat(await api.post(PREVIEW, { chat_seconds: 600 }));
    assert.deepEqual(found.map(({ severity, stream, is_new, rule }) => [severity, stream, is_new, rule]), [["broken", true, true, null]]);
    assert.match(found[0].text, /the edge gives up on a request after 300 s, before our total of 600 s/);
    assert.equal((await api.get("/api/settings/timeouts")).chat_seconds, 60);
    assert.deepEqual((await api.get("/api/changes?subject=timeouts")).changes, []);
  });

  test("what is no value is refused as it would be when saved", async () => {
    const { status, body } = await api.call("POST", PREVIEW, { chat_seconds: 1 });
    assert.deepEqual([status, body.errors[0].field], [422, "chat_seconds"]);
  });
});
