// The chain of timeouts: each layer with where it is set, and which gives up first.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { provider } from "./support/gateway.mjs";
import { PASSWORD, apiOf, logIn, startManaged } from "./support/management.mjs";

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
