// `punctual doctor --url`: what it finds through a real nginx, a real HAProxy, both, and hops that are ruder than either.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { makeAuthority } from "./support/authority.mjs";
import { cleanEnvironment, PUNCTUAL, runToEnd } from "./support/child.mjs";
import { startGateway, startSimulator, temporaryFolder } from "./support/gateway.mjs";
import { HAPROXY, startHaproxy } from "./support/haproxy.mjs";
import { startManaged } from "./support/management.mjs";
import { NGINX, startNginx } from "./support/nginx.mjs";
import { startRudeHop } from "./support/rude_hop.mjs";
import { timed, until } from "./support/until.mjs";

const LONGEST = 4;
// Timers of nginx and HAProxy are exact to milliseconds; what is left is for a busy machine.
const SLACK = 0.35;

const doctor = (url, parameters = [], env = {}) =>
  runToEnd(PUNCTUAL, ["doctor", "--url", `${url}/v1`, ...parameters], { env: cleanEnvironment(env) });

// A key has four stalls open at most, which is what one probe needs.
let keys = 0;
const newKey = async ({ api }) => (await api.post("/api/keys", { name: `probe ${++keys}` })).key;

async function probe(gateway, url, longest = LONGEST) {
  const { code, stdout, stderr } = await doctor(url, ["--longest", String(longest), "--json"], { PUNCTUAL_API_KEY: await newKey(gateway) });
  assert.ok(stdout, `${code}: ${stderr}`);
  const found = JSON.parse(stdout);
  return { code, found, ...Object.fromEntries(found.observations.map((observation) => [observation.kind, observation])) };
}

function assertCut(observation, seconds, ending, gateway = "hung_up") {
  assert.equal(observation.ending, ending, JSON.stringify(observation));
  assert.ok(Math.abs(observation.lasted_seconds - seconds) <= SLACK, `${observation.lasted_seconds} s, not ${seconds}`);
  assert.equal(observation.gateway.state, gateway);
}

function assertWhole(...observations) {
  for (const observation of observations) {
    assert.equal(observation.ending, "whole", JSON.stringify(observation));
    assert.equal(observation.gateway.state, "whole");
  }
}

// The gateway has 32 stalls at once.
describe("a probe", { concurrency: 5 }, () => {
  let gateway;
  const started = [];
  const begin = async (promise) => {
    const one = await promise;
    started.push(one);
    return one;
  };
  before(async () => {
    gateway = await startManaged({ config: "[timeouts]\nheartbeat_seconds = 0.4\n" });
  });
  after(async () => {
    await Promise.all(started.map((one) => one.stop()));
    await gateway.stop();
  });

  test("of the gateway itself finds nothing, and takes as long as its longest silence", async () => {
    const { value: seen, ms } = await timed(() => probe(gateway, gateway.url, 2));
    assertWhole(seen.silent_answer, seen.silent_stream, seen.beating_stream, seen.trickle);
    assert.equal(seen.trickle.in_lumps, false);
    assert.ok(seen.trickle.events > 10, JSON.stringify(seen.trickle));
    assert.ok(seen.beating_stream.events >= 5, JSON.stringify(seen.beating_stream));
    assert.ok(seen.beating_stream.longest_silence_seconds < 1);
    assert.deepEqual([seen.code, seen.found.hops, seen.found.findings], [0, [], []]);
    assert.ok(ms >= 2000 && ms < 6000, `${ms} ms`);
  });

  test("through nginx: the second, the hop, and that heartbeats carry a stream", { skip: !NGINX && "there is no nginx" }, async () => {
    const front = await begin(startNginx(gateway.port, { readTimeout: "2s", buffers: "unasked" }));
    const { code, found, silent_answer, silent_stream, beating_stream, trickle } = await probe(gateway, front.url);
    assertCut(silent_answer, 2, "answered");
    assert.deepEqual([silent_answer.status, silent_answer.hop_kind], [504, "nginx"]);
    assert.match(silent_answer.hop, /^nginx\/\d/);
    assert.equal(code, 1);
    const broken = found.findings.filter(({ severity }) => severity === "broken");
    assert.deepEqual(broken.map(({ stream }) => stream), [false], "heartbeats carry streams");
    assert.match(broken[0].text, /An answer that is not streamed sends no byte before it is whole: nginx\/\S+ gives up after 2(\.\d)? s, before our total of 900 s/);
    assert.match(silent_answer.text, /cut after 2\.\d s, with status 504 of nginx/);
    assertCut(silent_stream, 2, "closed");
    assertWhole(beating_stream, trickle);
    assert.equal(trickle.in_lumps, false, "the gateway tells nginx not to buffer");
    assert.deepEqual(found.hops.map(({ kind }) => kind), ["nginx"]);
  });

  test("nginx that holds streams back is found", { skip: !NGINX && "there is no nginx" }, async () => {
    const front = await begin(startNginx(gateway.port, { readTimeout: "60s", buffers: "always" }));
    const { code, found, beating_stream, trickle } = await probe(gateway, front.url, 3);
    assert.equal(trickle.in_lumps, true);
    assert.ok(found.findings.some(({ text }) => /holds streams back/.test(text)), JSON.stringify(found.findings));
    assert.ok(beating_stream.longest_silence_seconds > 2, "heartbeats do not come through");
    assert.equal(code, 1);
  });

  test("a first event that the outer nginx holds back until the inner one cuts does not hide how long the silence was", { skip: !NGINX && "there is no nginx" }, async () => {
    // An nginx takes X-Accel-Buffering for itself and does not pass it on.
    const inner = await begin(startNginx(gateway.port, { readTimeout: "1500ms" }));
    const outer = await begin(startNginx(inner.port, { readTimeout: "30s", buffers: "unasked" }));
    const { silent_stream, trickle } = await probe(gateway, outer.url);
    assert.equal(trickle.in_lumps, true);
    // And it asks in HTTP/1.0, where the end of the connection is the end of the answer: a cut becomes a success.
    assertCut(silent_stream, 1.5, "clean_end");
  });

  test("through HAProxy", { skip: !HAPROXY && "there is no HAProxy" }, async () => {
    const front = await begin(startHaproxy(gateway.port, { serverTimeout: "1500ms" }));
    const { silent_answer, silent_stream, beating_stream, trickle } = await probe(gateway, front.url);
    assertCut(silent_answer, 1.5, "answered");
    assert.deepEqual([silent_answer.status, silent_answer.hop_kind], [504, "haproxy"]);
    assertCut(silent_stream, 1.5, "closed");
    assertWhole(beating_stream, trickle);
    assert.equal(trickle.in_lumps, false);
  });

  for (const [which, nginxLimit, haproxyLimit, kind, seconds] of [
    ["inner", "1s", "3s", "nginx", 1],
    ["outer", "3s", "1s", "haproxy", 1],
  ]) {
    test(`of two hops the ${which} one gives up first`, { skip: !(NGINX && HAPROXY) && "one of them is missing" }, async () => {
      const inner = await begin(startNginx(gateway.port, { readTimeout: nginxLimit }));
      const outer = await begin(startHaproxy(inner.port, { serverTimeout: haproxyLimit }));
      const { silent_answer, silent_stream, beating_stream } = await probe(gateway, outer.url);
      assertCut(silent_answer, seconds, "answered");
      assert.equal(silent_answer.hop_kind, kind);
      assertCut(silent_stream, seconds, "closed");
      assertWhole(beating_stream);
    });
  }

  test("a hop that resets", async () => {
    const hop = await begin(startRudeHop(gateway.port, { how: "reset", silenceMs: 1500 }));
    const { silent_answer, silent_stream, beating_stream } = await probe(gateway, hop.url);
    assertCut(silent_answer, 1.5, "reset");
    assertCut(silent_stream, 1.5, "reset");
    assertWhole(beating_stream);
  });

  test("a stream that is ended in order is not taken for a success", async () => {
    const hop = await begin(startRudeHop(gateway.port, { how: "clean end", silenceMs: 1500 }));
    const { silent_stream } = await probe(gateway, hop.url);
    assertCut(silent_stream, 1.5, "clean_end");
    assert.match(silent_stream.text, /programs take that for a success/);
  });

  test("a hop that forgets connections leaves both sides in the dark", async () => {
    const hop = await begin(startRudeHop(gateway.port, { how: "forgets", silenceMs: 600 }));
    const { code, silent_answer, beating_stream } = await probe(gateway, hop.url, 1);
    assert.equal(silent_answer.ending, "lost");
    assert.equal(silent_answer.gateway.state, "whole", "the gateway has sent it all");
    assert.match(silent_answer.text, /nothing came after .* s, not even an end/);
    assertWhole(beating_stream);
    assert.equal(code, 1, "an answer in one piece would never come");
  });

  test("what it found is kept, shown and forgotten", async () => {
    const { api } = gateway;
    const hop = await begin(startRudeHop(gateway.port, { how: "reset", silenceMs: 500 }));
    await probe(gateway, hop.url, 1);
    const mine = async () => (await api.get("/api/probes")).probes.filter(({ url }) => url === `${hop.url}/v1`);
    const [kept, ...others] = await mine();
    assert.equal(others.length, 0);
    assert.equal(kept.peer, "127.0.0.1");
    assert.match(kept.by, /^probe \d+$/);
    assert.equal(kept.observations.find(({ kind }) => kind === "silent_answer").ending, "reset");
    await probe(gateway, hop.url, 1);
    assert.equal((await mine()).length, 1, "the latest takes the place of the one before");
    const forgotten = await api.call("DELETE", `/api/probes/${(await mine())[0].id}`);
    assert.equal(forgotten.status, 204);
    assert.equal((await mine()).length, 0);
  });

  test("in words, for people", async () => {
    const { code, stdout, stderr } = await doctor(gateway.url, ["--longest", "1"], { PUNCTUAL_API_KEY: await newKey(gateway) });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /is a Punctual gateway, version \d/);
    assert.match(stdout, /a stream that talks: its \d+ events came one by one/);
    assert.match(stderr, /silent for up to 1 s, four ways at once/);
  });
});

describe("who may make a probe", () => {
  const WRONG = "sk-probe-canary-4711";
  let gateway;
  before(async () => {
    gateway = await startManaged();
  });
  after(() => gateway.stop());

  const stall = (headers = {}) =>
    fetch(`${gateway.url}/v1/probes`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify({ run: "r", kind: "silent_stream", seconds: 30 }),
    });

  test("an address without a key has four at once", async () => {
    const open = await Promise.all([stall(), stall(), stall(), stall()]);
    assert.deepEqual(open.map(({ status }) => status), [200, 200, 200, 200]);
    const more = await stall();
    assert.deepEqual([more.status, more.headers.get("retry-after")], [429, "30"]);
    assert.match((await more.json()).error.message, /as many probes open as one may have \(4\)/);
    await Promise.all(open.map(({ body }) => body.cancel()));
  });

  test("where /v1 asks for a key, a probe does; no key is repeated", async () => {
    const { key } = await gateway.api.post("/api/keys", { name: "laptop" });
    const none = await doctor(gateway.url, ["--longest", "1"]);
    assert.equal(none.code, 1);
    assert.match(none.stderr, /cannot be probed: .*key/i);
    const wrong = await doctor(gateway.url, ["--longest", "1"], { PUNCTUAL_API_KEY: WRONG });
    assert.equal(wrong.code, 1);
    const file = join(temporaryFolder(), "key");
    writeFileSync(file, `${key}\n`);
    for (const [parameters, env] of [
      [["--key", key], {}],
      [["--key-file", file], {}],
      [[], { PUNCTUAL_API_KEY: key }],
    ]) {
      const { code, stdout, stderr } = await doctor(gateway.url, ["--longest", "1", ...parameters], env);
      assert.equal(code, 0, stderr);
      assert.ok(!`${stdout}${stderr}`.includes(key));
    }
    assert.ok(!`${wrong.stdout}${wrong.stderr}${gateway.log()}`.includes(WRONG));
    const { probes } = await gateway.api.get("/api/probes");
    assert.deepEqual(probes.map(({ by }) => by), ["laptop"]);
    assert.ok(!JSON.stringify(probes).includes(key));
    const another = await gateway.api.post("/api/keys", { name: "another" });
    const opened = await stall({ Authorization: `Bearer ${key}` });
    const asked = (as) => fetch(`${gateway.url}/v1/probes/r`, { headers: { Authorization: `Bearer ${as}` } });
    assert.equal((await asked(key)).status, 200);
    assert.equal((await asked(another.key)).status, 404, "a run is its owner's");
    await opened.body.cancel();
  });

  test("a gateway that ends does not wait for stalls", async () => {
    const short = await startGateway();
    const answer = fetch(`${short.url}/v1/probes`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ run: "r", kind: "silent_answer", seconds: 300 }),
    }).then(
      () => "answered",
      () => "cut",
    );
    await until("the stall goes on", () => fetch(`${short.url}/v1/probes/r`).then(({ status }) => status), (status) => status === 200);
    const { value, ms } = await timed(() => short.stop());
    assert.deepEqual([value.code, await answer], [0, "cut"]);
    assert.ok(ms < 5000, `${ms} ms`);
  });

  test("over TLS, with a certificate of one's own", async () => {
    const authority = makeAuthority();
    const secure = await startGateway({ config: `[server]\ntls_certificate = "${authority.certificate}"\ntls_key = "${authority.key}"\n` });
    const distrusted = await doctor(secure.url, ["--longest", "1"]);
    assert.equal(distrusted.code, 1);
    assert.match(distrusted.stderr, /certificate/);
    const { code, stdout, stderr } = await doctor(secure.url, ["--longest", "1", "--ca-file", authority.ca]);
    await secure.stop();
    assert.equal(code, 0, `${stdout}${stderr}`);
  });
});

describe("doctor --url says what is wrong", { concurrency: true }, () => {
  for (const [what, parameters, pattern] of [
    ["an address without /v1", ["--url", "http://127.0.0.1:1"], /ends with \/v1/],
    ["no address", ["--url", "nonsense"], /--url is "nonsense"/],
    ["credentials in the address", ["--url", "http://me:secret@127.0.0.1/v1"], /--url/],
    ["a silence that is too long", ["--url", "http://127.0.0.1:1/v1", "--longest", "1000"], /--longest is 1000: give 1 to 900/],
    ["a key file that is not there", ["--url", "http://127.0.0.1:1/v1", "--key-file", "/nowhere"], /--key-file \/nowhere cannot be read/],
    ["an option of a probe without one", ["--longest", "5"], /--longest requires --url/],
  ]) {
    test(what, async () => {
      const { code, stdout, stderr } = await runToEnd(PUNCTUAL, ["doctor", ...parameters]);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(stderr, pattern);
    });
  }

  test("nobody there", async () => {
    const { code, stderr } = await doctor("http://127.0.0.1:1");
    assert.equal(code, 1);
    assert.match(stderr, /127\.0\.0\.1:1 refused the connection/);
  });

  test("another server", async () => {
    const simulator = await startSimulator();
    const { code, stderr } = await doctor(simulator.url);
    await simulator.stop();
    assert.equal(code, 1);
    assert.match(stderr, /cannot be probed/);
  });
});
