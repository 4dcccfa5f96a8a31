// Limits that the client asks for or announces: headers, the body's member, what the SDKs send by themselves.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { HELLO, ONE_EACH, anthropic, drainOpenai, openai, tokens } from "./support/clients.mjs";
import { startGateway } from "./support/gateway.mjs";
import { startLimited } from "./support/limited.mjs";
import { timed } from "./support/until.mjs";

let limited;
let gateway;
before(async () => {
  limited = await startLimited();
  gateway = limited.gateway;
});
after(() => limited.stop());

const post = (headers, body = {}, path = "/v1/chat/completions") =>
  fetch(gateway.url + path, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify({ model: "sim:tokens=1", messages: HELLO, ...body }),
  });
const limitOf = (response) => response.headers.get("x-punctual-limit");

describe("headers", () => {
  const shortening = [
    ["X-Request-Timeout", "12.5", 12.5, "request"],
    ["x-litellm-timeout", "20", 20, "request"],
    ["x-portkey-request-timeout", "2500", 2.5, "request"],
    ["cf-aig-request-timeout", "1500", 1.5, "request"],
    ["x-envoy-upstream-rq-timeout-ms", "30000", 30, "request"],
    ["x-stainless-timeout", "100", 98, "patience"],
    ["x-envoy-expected-rq-timeout-ms", "5000", 4.75, "patience"],
    ["x-stainless-read-timeout", "10", 9.75, "patience"],
  ];
  for (const [name, value, seconds, kind] of shortening) {
    test(`${name}: ${value}`, async () => {
      const response = await post({ [name]: value });
      assert.equal(response.status, 200);
      const source = limitOf(response).split('source="')[1];
      assert.match(limitOf(response), new RegExp(`^total=${seconds};`));
      assert.equal(source.toLowerCase(), `${kind} ${name.toLowerCase()}"`);
    });
    for (const bad of ["0", "-1", "soon", "inf", "nan", ""]) {
      test(`${name}: ${JSON.stringify(bad)} is refused by its name`, async () => {
        const response = await post({ [name]: bad });
        assert.equal(response.status, 400);
        assert.ok((await response.json()).error.message.toLowerCase().includes(name.toLowerCase()));
      });
    }
  }

  test("Prefer: wait", async () => {
    assert.match(limitOf(await post({ Prefer: "respond-async, wait=40" })), /^total=39\.2;source="patience Prefer: wait"$/);
    assert.equal((await post({ Prefer: "wait=never" })).status, 400);
    assert.match(limitOf(await post({ Prefer: "return=minimal" })), /^total=900;/);
  });

  test("the shortest wins; a longer one changes nothing", async () => {
    assert.match(limitOf(await post({ "X-Request-Timeout": "30", "x-stainless-timeout": "10" }, { timeout: 20 })), /^total=9\.75;/);
    assert.match(limitOf(await post({ "X-Request-Timeout": "30" }, { timeout: 20 })), /^total=20;source="request timeout"$/);
    assert.match(limitOf(await post({ "X-Request-Timeout": "86400" })), /^total=900;source="default"$/);
  });

  for (const bad of [0, -1, "10", {}, [], true]) {
    test(`timeout ${JSON.stringify(bad)} in the body is refused by its name`, async () => {
      const response = await post({}, { timeout: bad });
      assert.equal(response.status, 400);
      assert.equal((await response.json()).error.param, "timeout");
    });
  }
});

describe("each fires", { concurrency: true }, () => {
  for (const [name, value, seconds, source] of [
    ["X-Request-Timeout", "0.3", 0.3, "request X-Request-Timeout"],
    ["x-portkey-request-timeout", "300", 0.3, "request x-portkey-request-timeout"],
    ["x-stainless-timeout", "1", 0.75, "patience x-stainless-timeout"],
  ]) {
    for (const path of ["/v1/chat/completions", "/v1/completions", "/v1/embeddings"]) {
      test(`${name} on ${path}`, async () => {
        const { value: response, ms } = await timed(() => post({ [name]: value }, { model: "free/sim:never", input: "a", prompt: "a" }, path));
        const document = await response.json();
        assert.ok(ms >= seconds * 1000, `early: ${ms}`);
        assert.deepEqual([response.status, document.limit, document.limit_seconds, document.limit_source], [504, "total", seconds, source]);
        assert.ok(document.elapsed_seconds >= seconds);
        assert.equal(document.upstream_answered, false);
      });
    }
  }
});

describe("the clients' own", () => {
  const once = (options = {}) => openai(gateway.url, { defaultHeaders: ONE_EACH, ...options });

  test("openai: the timeout of a request is answered before the client gives up", async () => {
    const { error, ms } = await timed(() => once().chat.completions.create({ model: "free/sim:never", messages: HELLO }, { timeout: 2000 }));
    assert.equal(error.status, 504, String(error));
    assert.equal(error.message, "504 Request timed out after 1.75 seconds");
    assert.ok(ms >= 1750 && ms < 2000, String(ms));
  });

  test("openai: the same in a stream keeps what came", async () => {
    const seen = await drainOpenai(() =>
      once().chat.completions.create({ model: "free/sim:tokens=9,hang_after=3", messages: HELLO, stream: true }, { timeout: 1000 }),
    );
    assert.deepEqual([seen.text, seen.error?.message], [tokens(3), "Request timed out after 0.75 seconds"]);
  });

  test("openai: a member named timeout", async () => {
    const { error, ms } = await timed(() => once().chat.completions.create({ model: "free/sim:never", messages: HELLO, timeout: 0.3 }));
    assert.equal(error.message, "504 Request timed out after 0.3 seconds");
    assert.ok(ms >= 300);
  });

  test("Anthropic: 600 s are announced with each request", async () => {
    const { response } = await anthropic(gateway.url).messages.create({ model: "sim:tokens=1", max_tokens: 1, messages: HELLO }).withResponse();
    assert.equal(limitOf(response), 'total=598;source="patience x-stainless-timeout"');
  });

  test("Anthropic: the timeout of a request is answered before the client gives up", async () => {
    const { error, ms } = await timed(() => anthropic(gateway.url).messages.create({ model: "sim:never", max_tokens: 1, messages: HELLO }, { timeout: 2000 }));
    assert.equal(error.status, 504, String(error));
    assert.equal(error.error.error.message, "Request timed out after 1.75 seconds");
    assert.ok(ms >= 1750 && ms < 2000, String(ms));
  });

  test("a client that gives up unannounced sends three times: each attempt is let go at once", async () => {
    const before = await limited.simulator.stats();
    // The option of the client, not of the request: nothing announces it.
    const hasty = once({ timeout: 300, maxRetries: 2 });
    await assert.rejects(hasty.chat.completions.create({ model: "free/sim:never", messages: HELLO }), /timed out/);
    const now = await limited.simulator.statsWhen((stats) => stats.open === 0 && stats.aborted === before.aborted + 3);
    assert.equal(now.started - before.started, 3);
  });
});

describe("a scope narrower than the endpoint", () => {
  test("environment, rule, provider: who said it stands in the answer", async () => {
    const other = await startGateway({
      config:
        "[timeouts]\nchat_seconds = 50\nembeddings_seconds = 40\n" +
        '[[rules]]\npriority = 1\nmatch = "prefix"\npattern = "sim:tokens=7"\ntargets = [{ provider = "sim" }]\ntimeouts = { total_seconds = 12 }\n',
      env: { PUNCTUAL_TIMEOUT_CHAT_SECONDS: "33" },
    });
    const ask = async (path, model) =>
      limitOf(await fetch(other.url + path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ model, input: "a", messages: HELLO }) }));
    assert.equal(await ask("/v1/chat/completions", "sim:tokens=1"), 'total=33;source="environment PUNCTUAL_TIMEOUT_CHAT_SECONDS"');
    assert.equal(await ask("/v1/embeddings", "sim:tokens=1"), 'total=40;source="file timeouts.embeddings_seconds"');
    assert.equal(await ask("/v1/completions", "sim:tokens=1"), 'total=600;source="default"');
    assert.equal(await ask("/v1/chat/completions", "sim:tokens=7"), 'total=12;source="rule sim:tokens=7: total_seconds"');
    await other.stop();
  });

  test("idle leaves an answer in one piece alone", async () => {
    const answer = await openai(gateway.url).chat.completions.create({ model: "idle/sim:tokens=2,ttft_ms=900", messages: HELLO });
    assert.equal(answer.choices[0].message.content, tokens(2));
  });
});
