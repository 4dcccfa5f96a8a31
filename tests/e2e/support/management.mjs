// The management API of a gateway of the tests' own, as programs and as browsers use it.

import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpRequest } from "node:http";

import { HELLO } from "./clients.mjs";
import { startGateway } from "./gateway.mjs";
import { assertDescribed } from "./openapi.mjs";
import { until } from "./until.mjs";

export const ADMIN_TOKEN = "admin-canary-token-0815";
export const PASSWORD = "correct horse battery";

/** One request with exactly these headers: {status, headers, text, body}; body is the parsed JSON. */
export async function send(url, method, target, { headers = {}, body, agent } = {}) {
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  const request = httpRequest(url + target, { method, agent, headers: { ...(text === undefined ? {} : { "Content-Length": Buffer.byteLength(text) }), ...headers } });
  request.end(text);
  const [response] = await once(request, "response");
  response.setEncoding("utf8");
  let received = "";
  for await (const piece of response) received += piece;
  const isJson = (response.headers["content-type"] ?? "").split(";")[0].endsWith("json") && received !== "";
  return { status: response.statusCode, headers: response.headers, text: received, body: isJson ? JSON.parse(received) : undefined };
}

/**
 * Calls of the API: call(method, target, body, headers) resolves to an answer that docs/openapi.json describes.
 *   get(target), post(target, body), put(target, body), delete(target): the document of an answer below 300; else throws
 */
export function apiOf(url, identity = {}) {
  const call = async (method, target, body, headers = {}) => {
    const type = body === undefined ? {} : { "Content-Type": "application/json" };
    const answer = await send(url, method, target, { headers: { ...type, ...identity, ...headers }, body });
    assertDescribed(method, target, answer);
    return answer;
  };
  const good = (method) => async (target, body, headers) => {
    const answer = await call(method, target, body, headers);
    assert.ok(answer.status < 300, `${method} ${target}: ${answer.status} ${answer.text}`);
    return answer.body;
  };
  return { call, get: good("GET"), post: good("POST"), put: good("PUT"), delete: good("DELETE"), url, identity };
}

export const withToken = (url, token = ADMIN_TOKEN) => apiOf(url, { Authorization: `Bearer ${token}` });

/** As a browser on the gateway's own pages. */
export const withCookie = (url, cookie) => apiOf(url, { ...(cookie ? { Cookie: cookie } : {}), "Sec-Fetch-Site": "same-origin" });

/** `name=value` of the cookie that an answer sets. */
export const cookieOf = (answer) => answer.headers["set-cookie"]?.[0].split(";")[0];

/** The token of the link that the first start prints. */
export const setUpToken = async (gateway) => (await gateway.line(/\/ui\/#setup=(\S+)\n/))[1];

export async function logIn(url, name, password = PASSWORD) {
  const answer = await withCookie(url).call("POST", "/api/session", { name, password });
  assert.equal(answer.status, 200, answer.text);
  return withCookie(url, cookieOf(answer));
}

/** startGateway with an admin token, and `api` that presents it. */
export async function startManaged({ env = {}, ...options } = {}) {
  const gateway = await startGateway({ ...options, env: { PUNCTUAL_ADMIN_TOKEN: ADMIN_TOKEN, ...env } });
  // A test that fails does not stop its gateway; the end of the file's process does.
  for (const handle of [gateway.child, gateway.child.stdout, gateway.child.stderr]) handle.unref();
  return { ...gateway, api: withToken(gateway.url) };
}

/** A chat request: {status, headers, text, body}. */
export const chat = (url, model, { headers = {}, more = {}, agent } = {}) =>
  send(url, "POST", "/v1/chat/completions", { agent, headers: { "Content-Type": "application/json", ...headers }, body: { model, messages: HELLO, ...more } });

/** {seconds, source} of X-Punctual-Limit. */
export function limitOf(answer) {
  const [, seconds, source] = /^total=([0-9.]+);source="(.*)"$/.exec(answer.headers["x-punctual-limit"] ?? "") ?? [];
  assert.ok(seconds, `no X-Punctual-Limit: ${answer.status} ${answer.text}`);
  return { seconds: Number(seconds), source };
}

/**
 * The live events: {events, when(holds), close()}. An event is {id, event, data}; comments are left out.
 */
export async function openEvents(api, target = "/api/events", headers = {}) {
  const request = httpRequest(api.url + target, { headers: { ...api.identity, ...headers } });
  request.on("error", () => {});
  request.end();
  const [response] = await once(request, "response");
  assert.equal(response.statusCode, 200);
  assert.match(response.headers["content-type"], /^text\/event-stream/);
  const events = [];
  let rest = "";
  response.setEncoding("utf8");
  response.on("error", () => {});
  response.on("data", (text) => {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const field = (name) => block.split("\n").find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      if (field("data")) events.push({ id: field("id"), event: field("event"), data: JSON.parse(field("data")) });
    }
  });
  const when = async (holds) => (await until(`an event for which ${holds}`, () => events, (all) => all.some(holds))).find(holds);
  return { events, when, close: () => request.destroy() };
}

/** The first row of the log for which holds(row). */
export const entryWhen = async (api, holds, query = "count=500") =>
  (await until(`an entry for which ${holds}`, async () => (await api.get(`/api/requests?${query}`)).requests, (all) => all.some(holds))).find(holds);
