// HTTPS to a provider and HTTPS from clients: one gateway serves it, another one calls it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { makeAuthority } from "./support/authority.mjs";
import { HELLO, drainOpenai, openai, tokens } from "./support/clients.mjs";
import { provider, startGateway, startSimulator } from "./support/gateway.mjs";

let simulator;
let inner;  // serves HTTPS, calls the simulator over HTTP
let outer;  // calls the inner one over HTTPS
before(async () => {
  const good = makeAuthority();
  const foreign = makeAuthority();
  simulator = await startSimulator();
  const tls = `[server]\ntls_certificate = "${good.certificate}"\ntls_key = "${good.key}"\n`;
  inner = await startGateway({ config: tls + provider("far", `${simulator.url}/v1`) });
  const base = `https://localhost:${inner.port}/v1`;
  outer = await startGateway({
    config:
      provider("secure", base, { more: `ca_file = "${good.ca}"\napi_key = "sk-inner"` }) +
      provider("by-address", `https://127.0.0.1:${inner.port}/v1`, { more: `ca_file = "${good.ca}"` }) +
      provider("foreign", base, { more: `ca_file = "${foreign.ca}"` }) +
      provider("system", base),
  });
});
after(async () => {
  await outer.stop();
  await inner.stop();
  await simulator.stop();
});

test("the inner gateway says that it serves HTTPS", () => assert.match(inner.url, /^https:/));

for (const name of ["secure", "by-address"]) {
  test(`chat in one piece and as a stream through ${name}`, async () => {
    const client = openai(outer.url);
    const whole = await client.chat.completions.create({ model: `${name}/far/sim:tokens=5`, messages: HELLO });
    assert.equal(whole.choices[0].message.content, tokens(5));
    const seen = await drainOpenai(() => client.chat.completions.create({ model: `${name}/far/sim:tokens=40,split,itl_ms=1`, messages: HELLO, stream: true }));
    assert.deepEqual([seen.text, seen.error], [tokens(40), undefined]);
  });
}

test("a large body goes in and out whole", async () => {
  const content = "x".repeat(3_000_000);
  const answer = await openai(outer.url).chat.completions.create({ model: "secure/far/sim:echo", messages: [{ role: "user", content }] });
  assert.equal(JSON.parse(JSON.parse(answer.choices[0].message.content).body).messages[0].content.length, content.length);
});

test("the connection is used again", async () => {
  const client = openai(outer.url);
  for (let i = 0; i < 3; ++i) await client.chat.completions.create({ model: "secure/far/sim:tokens=1,never=0", messages: HELLO });
  const record = await outer.recordWhen((one) => one.attempts[0].model === "far/sim:tokens=1,never=0" && one.attempts[0].reused_connection);
  assert.equal(record.attempts[0].reused_connection, true);
});

for (const name of ["foreign", "system"]) {
  test(`a certificate that nobody vouches for (${name}) is a 502 that says so, and nothing is sent`, async () => {
    const { started } = await simulator.stats();
    const error = await openai(outer.url)
      .chat.completions.create({ model: `${name}/far/sim:tokens=1`, messages: HELLO })
      .catch((thrown) => thrown);
    assert.equal(error.status, 502);
    assert.match(error.message, /certificate/i);
    assert.equal((await simulator.stats()).started, started);
  });
}

test("a limit in a stream comes through both gateways, and the simulator is let go", async () => {
  const { aborted } = await simulator.stats();
  const seen = await drainOpenai(() =>
    openai(outer.url).chat.completions.create({ model: "secure/far/sim:tokens=9,hang_after=3", messages: HELLO, stream: true }, { headers: { "X-Request-Timeout": "0.4" } }),
  );
  assert.equal(seen.text, tokens(3));
  assert.equal(seen.error.message, "Request timed out after 0.4 seconds");
  await simulator.statsWhen((now) => now.aborted === aborted + 1 && now.open === 0);
});
