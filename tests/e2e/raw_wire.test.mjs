// Bytes over a real socket: connections that stay, HTTP/1.0, 100-continue, and the shape of plain refusals.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { HELLO } from "./support/clients.mjs";
import { startGateway } from "./support/gateway.mjs";
import { exchangeRaw, jsonRequest, openRaw, parseAnswer } from "./support/raw.mjs";

let gateway;
before(async () => (gateway = await startGateway()));
after(() => gateway.stop());

const chat = (options, more = {}, headers = {}) => jsonRequest("/v1/chat/completions", { model: `sim:${options}`, messages: HELLO, ...more }, headers);
const get = (path, more = "") => `GET ${path} HTTP/1.1\r\nHost: gateway\r\n${more}\r\n`;
const closing = { Connection: "close" };

describe("connections", () => {
  test("one after the other on one connection", async () => {
    const raw = await openRaw(gateway.port);
    for (let i = 1; i <= 3; ++i) {
      raw.write(chat(`tokens=${i},length`));
      const text = await raw.read((all) => all.split("HTTP/1.1 200").length === i + 1 && all.endsWith("}}"));
      assert.ok(!/connection: close/i.test(text));
    }
    raw.write(get("/health", "Connection: close\r\n"));
    const { text } = await raw.ended;
    assert.match(text, /\r\nConnection: close\r\n/i);
    raw.destroy();
  });

  test("pipelined: answered in order, streams among them", async () => {
    const raw = await openRaw(gateway.port);
    raw.write(chat("tokens=2", { stream: true }) + get("/health") + chat("tokens=3,length") + get("/nothing", "Connection: close\r\n"));
    const { text } = await raw.ended;
    const order = [" tok2", "[DONE]", '"ok"', "tok1 tok2 tok3", "404 Not Found"].map((mark) => text.indexOf(mark));
    assert.ok(order.every((place, index) => place > (order[index - 1] ?? 0)), `${order}\n${text}`);
    raw.destroy();
  });

  test("a request in single bytes", async () => {
    const raw = await openRaw(gateway.port);
    for (const byte of chat("tokens=1", {}, closing)) raw.write(byte);
    assert.equal(parseAnswer((await raw.ended).text).status, 200);
    raw.destroy();
  });

  test("a body in chunks, with an extension and a trailer", async () => {
    const body = JSON.stringify({ model: "sim:echo", messages: [] });
    const middle = 10;
    const answer = await exchangeRaw(
      gateway.port,
      "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n" +
        `${middle.toString(16)};x=y\r\n${body.slice(0, middle)}\r\n${(body.length - middle).toString(16)}\r\n${body.slice(middle)}\r\n0\r\nX-Trailer: t\r\n\r\n`,
    );
    assert.equal(answer.status, 200);
    assert.ok(answer.text.includes("sim:echo"));
  });

  test("closed after an error event, as its stream has no next request to wait for", async () => {
    const raw = await openRaw(gateway.port);
    raw.write(chat("tokens=5,hang_after=1", { stream: true, timeout: 0.2 }));
    const { text, reset } = await raw.ended;
    assert.ok(text.endsWith("\n\n\r\n0\r\n\r\n") && !reset, text);
    raw.destroy();
  });
});

describe("HTTP/1.0", () => {
  const old = (options, more) => chat(options, more).replace("HTTP/1.1", "HTTP/1.0");

  test("a stream without chunks, ended by the end of the connection", async () => {
    const { start, headers, body } = await exchangeRaw(gateway.port, old("tokens=3", { stream: true }));
    assert.match(start, /^HTTP\/1\.1 200/);
    assert.equal(headers["transfer-encoding"], undefined);
    assert.match(body, /^data: \{/);
    assert.ok(body.endsWith("data: [DONE]\n\n"), body);
  });

  test("an answer in one piece", async () => {
    const { status, headers, body } = await exchangeRaw(gateway.port, old("tokens=3"));
    assert.deepEqual([status, headers["transfer-encoding"]], [200, undefined]);
    assert.equal(JSON.parse(body).choices[0].message.content, "tok1 tok2 tok3");
  });

  test("a limit in a stream", async () => {
    const { body } = await exchangeRaw(gateway.port, old("tokens=3,hang_after=1", { stream: true, timeout: 0.2 }));
    assert.match(body, /event: error\ndata: \{.*Request timed out after 0\.2 seconds.*\}\n\n$/);
  });

  test("keep-alive is possible where there is a length", async () => {
    const raw = await openRaw(gateway.port);
    raw.write("GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /health HTTP/1.0\r\n\r\n");
    const { text } = await raw.ended;
    assert.equal(text.split('{"status":"ok"}').length, 3, text);
    raw.destroy();
  });
});

describe("Expect: 100-continue", () => {
  test("asked for, then the body is sent", async () => {
    const raw = await openRaw(gateway.port);
    const [head, body] = chat("tokens=1", {}, { Expect: "100-continue", ...closing }).split("\r\n\r\n");
    raw.write(`${head}\r\n\r\n`);
    assert.equal(await raw.read("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    raw.write(body);
    const { text } = await raw.ended;
    assert.match(text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    raw.destroy();
  });

  test("a body that is too large is refused before it is sent", async () => {
    const { status } = await exchangeRaw(gateway.port, `POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 99999999999\r\n\r\n`);
    assert.equal(status, 413);
  });
});

describe("plain refusals", () => {
  const shapes = [
    ["GET", "/v1/chat/completions", 405, { allow: "POST" }],
    ["DELETE", "/v1/models", 405, {}],
    ["POST", "/health", 405, {}],
    ["GET", "/nothing", 404, {}],
    ["GET", "/v1", 404, {}],
    ["POST", "/v1/chat/completions/", 404, {}],
    ["GET", "/v1/../health", 404, {}],
  ];
  for (const [method, path, status, expected] of shapes) {
    test(`${method} ${path}: ${status}`, async () => {
      const answer = await exchangeRaw(gateway.port, `${method} ${path} HTTP/1.1\r\nHost: a\r\nX-Request-ID: mine-1\r\nConnection: close\r\n\r\n`);
      assert.equal(answer.status, status);
      assert.equal(answer.headers["content-type"], "application/problem+json");
      assert.equal(answer.headers["x-request-id"], "mine-1");
      const document = JSON.parse(answer.body);
      assert.deepEqual([document.status, document.request_id, typeof document.error.message], [status, "mine-1", "string"]);
      for (const [name, value] of Object.entries(expected)) assert.equal(answer.headers[name], value);
      if (status === 405) assert.ok(answer.headers.allow);
    });
  }

  test("HEAD has a status and a length, and no body that the next answer could be taken for", async () => {
    const raw = await openRaw(gateway.port);
    const wanted = [["/health", 200], ["/v1/models", 200], ["/v1/chat/completions", 405], ["/nothing", 404]];
    for (const [path] of wanted) raw.write(`HEAD ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    raw.write(get("/health", "Connection: close\r\n"));
    const heads = (await raw.ended).text.split("\r\n\r\n");
    assert.deepEqual(heads.slice(0, 4).map((head) => parseAnswer(`${head}\r\n\r\n`).status), wanted.map(([, status]) => status));
    assert.ok(heads.slice(0, 4).every((head) => /^HTTP\/1\.1 [^]*\r\nContent-Length: [1-9]/.test(head)), heads.join("\n"));
    assert.equal(heads[5], '{"status":"ok"}');
    raw.destroy();
  });

  for (const [what, body, headers, status] of [
    ["another media type", "a=b", { "Content-Type": "application/x-www-form-urlencoded" }, 415],
    ["no JSON", "{", {}, 400],
    ["no object", "[]", {}, 400],
    ["no model", "{}", {}, 400],
    ["a model that is no text", '{"model":7}', {}, 400],
    ["two models", '{"model":"sim:tokens=1","model":"x"}', {}, 400],
    ["nothing", "", {}, 400],
  ]) {
    test(`${what}: ${status}, and the connection stays`, async () => {
      const raw = await openRaw(gateway.port);
      raw.write(jsonRequest("/v1/chat/completions", body, headers) + get("/health", "Connection: close\r\n"));
      const { text } = await raw.ended;
      assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} `));
      assert.ok(text.endsWith('{"status":"ok"}'), text);
      raw.destroy();
    });
  }
});
