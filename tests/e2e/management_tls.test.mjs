// A session over TLS: a cookie that no other host, no script and no plain connection can have.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Agent, request as httpsRequest } from "node:https";
import { once } from "node:events";
import { after, before, test } from "node:test";

import { makeAuthority } from "./support/authority.mjs";
import { startGateway } from "./support/gateway.mjs";
import { PASSWORD, cookieOf, setUpToken } from "./support/management.mjs";

const NAME = "__Host-punctual_session";

let gateway;
let agent;
let cookie;
before(async () => {
  const authority = makeAuthority();
  agent = new Agent({ ca: readFileSync(authority.ca), keepAlive: true });
  gateway = await startGateway({ config: `[server]\ntls_certificate = "${authority.certificate}"\ntls_key = "${authority.key}"\n` });
});
after(async () => {
  agent.destroy();
  await gateway.stop();
});

/** As a browser on the gateway's own pages: {status, headers, body}. */
async function call(method, target, body, headers = {}) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const json = text === undefined ? {} : { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) };
  const request = httpsRequest(`https://localhost:${gateway.port}${target}`, { method, agent, headers: { ...json, "Sec-Fetch-Site": "same-origin", ...headers } });
  request.end(text);
  const [response] = await once(request, "response");
  response.setEncoding("utf8");
  let received = "";
  for await (const piece of response) received += piece;
  return { status: response.statusCode, headers: response.headers, body: received === "" ? undefined : JSON.parse(received) };
}

const attributesOf = (answer) => {
  assert.equal(answer.headers["set-cookie"].length, 1);
  const [value, ...attributes] = answer.headers["set-cookie"][0].split("; ");
  return { value, attributes: attributes.filter((one) => !one.startsWith("Max-Age=")).sort(), age: attributes.find((one) => one.startsWith("Max-Age=")) };
};

// Of __Host- browsers want: Secure, Path=/, no Domain.
const ATTRIBUTES = ["HttpOnly", "Path=/", "SameSite=Strict", "Secure"];

test("the first administrator gets a cookie of this host, for TLS only", async () => {
  const answer = await call("POST", "/api/setup", { token: await setUpToken(gateway), name: "ada", password: PASSWORD });
  assert.equal(answer.status, 200);
  const { value, attributes } = attributesOf(answer);
  assert.match(value, new RegExp(`^${NAME}=[^;=]{20,}$`));
  assert.deepEqual(attributes, ATTRIBUTES);
});

test("so does who signs in, and it works", async () => {
  const answer = await call("POST", "/api/session", { name: "ada", password: PASSWORD });
  assert.equal(answer.status, 200);
  assert.deepEqual(attributesOf(answer).attributes, ATTRIBUTES);
  cookie = cookieOf(answer);
  assert.equal((await call("GET", "/api/session", undefined, { Cookie: `theme=dark; ${cookie}; other=1` })).body.user.name, "ada");
  const changed = await call("PUT", "/api/settings/logs", { retention_days: 9 }, { Cookie: cookie });
  assert.deepEqual([changed.status, changed.body.retention_days], [200, 9]);
});

test("its value under the name that a plain connection has is nobody's", async () => {
  const plain = cookie.replace("__Host-", "");
  assert.notEqual(plain, cookie);
  assert.equal((await call("GET", "/api/session", undefined, { Cookie: plain })).body.user, null);
  assert.equal((await call("GET", "/api/users", undefined, { Cookie: plain })).status, 401);
});

test("another site's page changes nothing with it", async () => {
  const answer = await call("PUT", "/api/settings/logs", { retention_days: 1 }, { Cookie: cookie, "Sec-Fetch-Site": "cross-site" });
  assert.equal(answer.status, 403);
  assert.equal((await call("GET", "/api/settings/logs", undefined, { Cookie: cookie })).body.retention_days, 9);
});

test("signing out takes it back, with the same attributes", async () => {
  const answer = await call("DELETE", "/api/session", undefined, { Cookie: cookie });
  assert.ok(answer.status < 300);
  const { value, attributes, age } = attributesOf(answer);
  assert.deepEqual([value, attributes, age], [`${NAME}=`, ATTRIBUTES, "Max-Age=0"]);
  assert.equal((await call("GET", "/api/session", undefined, { Cookie: cookie })).body.user, null);
});
