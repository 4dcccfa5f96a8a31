// What could be read in two ways is refused; what never ends is ended.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { provider, startGateway, startSimulator } from "./support/gateway.mjs";
import { exchangeRaw, jsonRequest, openRaw, parseAnswer } from "./support/raw.mjs";
import { timed, until } from "./support/until.mjs";

const HEAD_SECONDS = 0.4;
const RECEIVE_SECONDS = 0.6;
const KEEP_ALIVE_SECONDS = 0.5;
const DRAIN_SECONDS = 0.5;
const BODY_BYTES_MAX = 20_000;

let simulator;
let gateway;
before(async () => {
  simulator = await startSimulator();
  gateway = await startGateway({
    config:
      `[server]\nbody_bytes_max = ${BODY_BYTES_MAX}\nkeep_alive_seconds = ${KEEP_ALIVE_SECONDS}\n` +
      `[timeouts]\nreceive_head_seconds = ${HEAD_SECONDS}\nreceive_seconds = ${RECEIVE_SECONDS}\ndrain_seconds = ${DRAIN_SECONDS}\n` +
      provider("far", `${simulator.url}/v1`),
  });
});
after(async () => {
  await gateway.stop();
  await simulator.stop();
});

const body = JSON.stringify({ model: "far/sim:tokens=1", messages: [] });
const post = (fields, text = body) => `POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\n${fields}\r\n${text}`;
const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
const smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

describe("smuggling", { concurrency: true }, () => {
  for (const [what, request] of [
    ["a length and chunks", post(`Content-Length: ${body.length}\r\nTransfer-Encoding: chunked\r\n`, chunked)],
    ["two lengths that differ", post(`Content-Length: ${body.length}\r\nContent-Length: 1\r\n`)],
    ["two lengths in one field", post(`Content-Length: ${body.length}, 1\r\n`)],
    ["a length with a sign", post(`Content-Length: +${body.length}\r\n`)],
    ["a length in hexadecimal", post(`Content-Length: 0x10\r\n`)],
    ["chunked twice", post("Transfer-Encoding: chunked, chunked\r\n", chunked)],
    ["chunked and identity", post("Transfer-Encoding: chunked, identity\r\n", chunked)],
    ["a coding that is hidden", post("Transfer-Encoding: xchunked\r\n", chunked)],
    ["a space before the colon", post(`Content-Length : ${body.length}\r\n`)],
    ["a folded field", post(`X-A: b\r\n c: d\r\nContent-Length: ${body.length}\r\n`)],
    ["a line feed alone", `POST /v1/chat/completions HTTP/1.1\nHost: a\nContent-Length: ${body.length}\n\n${body}`],
    ["a carriage return alone", post(`X-A: b\rTransfer-Encoding: chunked\r\nContent-Length: ${body.length}\r\n`)],
    ["a null byte", post(`X-A: b\0c\r\nContent-Length: ${body.length}\r\n`)],
    ["a chunk size that overflows", post("Transfer-Encoding: chunked\r\n", `fffffffffffffffff\r\n${body}`)],
    ["a chunk longer than said", post("Transfer-Encoding: chunked\r\n", `1\r\n${body}\r\n0\r\n\r\n`)],
    ["no host", `GET /health HTTP/1.1\r\n\r\n`],
    ["two hosts", `GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n`],
    ["HTTP/2 in clear text", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["another protocol", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"],
  ]) {
    test(`${what}: 400, closed, and what follows is not read`, async () => {
      const answer = await exchangeRaw(gateway.port, request + smuggled);
      assert.equal(answer.status, 400, answer.text);
      assert.equal(answer.headers.connection, "close");
      assert.equal(answer.rest, "");
      assert.ok(!answer.text.includes("/smuggled"));
    });
  }
});

test("none of it reached the upstream", async () => assert.equal((await simulator.stats()).started, 0));

describe("too large", () => {
  test("a body that says so: 413", async () => {
    const answer = await exchangeRaw(gateway.port, post(`Content-Length: ${BODY_BYTES_MAX + 1}\r\n`, "x".repeat(BODY_BYTES_MAX + 1)));
    assert.deepEqual([answer.status, answer.headers.connection], [413, "close"]);
    assert.equal(JSON.parse(answer.body).error.type, "https://mlx-manager.dev/errors/" + JSON.parse(answer.body).type.split("/").pop());
  });
  test("a body that does not: 413", async () => {
    const piece = "x".repeat(4096);
    const chunks = `1000\r\n${piece}\r\n`.repeat(6);
    assert.equal((await exchangeRaw(gateway.port, post("Transfer-Encoding: chunked\r\n", chunks))).status, 413);
  });
  test("a head: 431", async () => assert.equal((await exchangeRaw(gateway.port, post(`X-A: ${"x".repeat(70_000)}\r\n`))).status, 431));
  test("too many fields: 431", async () => assert.equal((await exchangeRaw(gateway.port, post("X-A: b\r\n".repeat(200)))).status, 431));
  test("a target: 431", async () => assert.equal((await exchangeRaw(gateway.port, `GET /${"x".repeat(9000)} HTTP/1.1\r\nHost: a\r\n\r\n`)).status, 431));
});

describe("too slow", { concurrency: true }, () => {
  const stalled = async (request, seconds) => {
    const { value: answer, ms } = await timed(() => exchangeRaw(gateway.port, request));
    assert.equal(answer.status, 408, answer.text);
    assert.ok(ms >= seconds * 1000, `early: ${ms}`);
    const document = JSON.parse(answer.body);
    assert.deepEqual([document.limit, document.limit_seconds, answer.headers.connection], ["receive", seconds, "close"]);
    assert.equal(document.error.message, `Request timed out: request not received after ${seconds} seconds`);
  };

  test("a head that stalls: 408", () => stalled("POST /v1/chat/completions HTTP/1.1\r\nHost", HEAD_SECONDS));
  test("a body that stalls: 408", () => stalled(post("Content-Length: 1000\r\n", "{"), RECEIVE_SECONDS));
  test("a body that is promised and does not come: 408", () => stalled(post("Content-Length: 1000\r\n", ""), RECEIVE_SECONDS));

  for (const [what, start, byte] of [
    ["head", "GET /health HTTP/1.1\r\nX-Slow: ", "a"],
    ["body", post("Content-Length: 1000\r\n", '{"model":"'), "b"],
  ]) {
    test(`one byte at a time does not help (${what}): 408`, async () => {
      const { value: text, ms } = await timed(async () => {
        const raw = await openRaw(gateway.port);
        raw.write(start);
        const drip = setInterval(() => raw.write(byte), 50);
        const answer = await raw.read("\r\n\r\n");
        clearInterval(drip);
        raw.destroy();
        return answer;
      });
      assert.equal(parseAnswer(text).status, 408);
      assert.ok(ms >= (what === "head" ? HEAD_SECONDS : RECEIVE_SECONDS) * 1000, `early: ${ms}`);
    });
  }

  test("nothing at all: closed without a word", async () => {
    const { value, ms } = await timed(async () => {
      const raw = await openRaw(gateway.port);
      const end = await raw.ended;
      raw.destroy();
      return end;
    });
    assert.deepEqual(value, { text: "", reset: false });
    assert.ok(ms >= HEAD_SECONDS * 1000, `early: ${ms}`);
  });

  test("nothing after an answer: closed without a word", async () => {
    const raw = await openRaw(gateway.port);
    const { value, ms } = await timed(() => {
      raw.write("GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
      return raw.ended;
    });
    assert.equal(parseAnswer(value.text).rest, "");
    assert.ok(ms >= KEEP_ALIVE_SECONDS * 1000, `early: ${ms}`);
    raw.destroy();
  });

  test("a client that does not read: the stream is cut, the upstream let go, the record says why", async () => {
    const model = "far/sim:tokens=100000,bytes=4000";
    const raw = await openRaw(gateway.port);
    raw.socket.pause();
    raw.write(jsonRequest("/v1/chat/completions", { model, stream: true, messages: [] }));
    const record = await gateway.recordWhen((one) => one.model === model);
    assert.deepEqual([record.outcome, record.limit, record.limit_seconds, record.ended_by], ["timeout", "drain", DRAIN_SECONDS, "gateway"]);
    await simulator.statsWhen((now) => now.open === 0);
    raw.destroy();
  });

  test("a client that reads slowly is served", async () => {
    const raw = await openRaw(gateway.port);
    raw.socket.pause();
    raw.write(jsonRequest("/v1/chat/completions", { model: "far/sim:tokens=300,bytes=4000", stream: true, messages: [] }, { Connection: "close" }));
    const sip = setInterval(() => raw.socket.isPaused() ? raw.socket.resume() : raw.socket.pause(), 20);
    await raw.read("[DONE]");
    clearInterval(sip);
    raw.socket.resume();
    assert.ok((await raw.ended).text.includes(" tok300"));
    raw.destroy();
  });
});

test("after all this no connection is left over", async () => {
  const metrics = async () => (await fetch(`${gateway.url}/metrics`, { headers: { Connection: "close" } })).text();
  await until("only the asking connection is open", metrics, (text) => /^punctual_connections_open 1$/m.test(text));
});
