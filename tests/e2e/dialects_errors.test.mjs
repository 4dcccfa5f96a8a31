// Errors across dialects: each vendor's own, as the other vendor's SDK throws them; and what cannot be said.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import Anthropic from "@anthropic-ai/sdk";
import { generateText } from "ai";
import OpenAI from "openai";

import { HELLO, ONE_EACH, anthropic, drainAnthropic, drainOpenai, openai, vercel } from "./support/clients.mjs";
import { provider, startGateway } from "./support/gateway.mjs";
import { errors, startVendors } from "./support/vendors.mjs";

let vendors;
let gateway;
let chat;
let messages;
before(async () => {
  vendors = await startVendors();
  gateway = await startGateway({
    config: provider("openai", `${vendors.url}/v1`) + provider("anthropic", `${vendors.url}/v1`, { kind: "anthropic" }),
  });
  chat = openai(gateway.url, { defaultHeaders: ONE_EACH });
  messages = anthropic(gateway.url, { defaultHeaders: ONE_EACH });
});
after(async () => {
  vendors.stop();
  await gateway.stop();
});

const thrownBy = (work) => work().then((value) => assert.fail(`no error: ${JSON.stringify(value)}`), (error) => error);
const askChat = (model, more = {}) => chat.chat.completions.create({ model, messages: HELLO, ...more });
const askMessages = (model, more = {}) => messages.messages.create({ model, max_tokens: 100, messages: HELLO, ...more });
const askResponses = (model, more = {}) => chat.responses.create({ model, input: "hello", ...more });

const classes = {
  400: "BadRequestError", 401: "AuthenticationError", 403: "PermissionDeniedError", 404: "NotFoundError", 413: "APIError",
  429: "RateLimitError", 500: "InternalServerError", 503: "InternalServerError", 529: "InternalServerError",
};

for (const stream of [false, true]) {
  describe(`an upstream's error before the head, stream ${stream}`, { concurrency: true }, () => {
    for (const [model, [status, , message]] of Object.entries(errors.messages)) {
      test(`Anthropic ${model}, as the openai package throws it`, async () => {
        for (const ask of [askChat, askResponses]) {
          const error = await thrownBy(() => ask(`anthropic/${model}`, { stream }));
          assert.ok(error instanceof OpenAI[classes[status]], `${error.constructor.name}: ${error}`);
          assert.deepEqual([error.status, error.message], [status, `${status} ${message}`]);
          assert.ok(typeof error.type === "string" && error.type !== "error", String(error.type));
          if (status === 429) assert.deepEqual([error.code, error.headers.get("retry-after")], ["rate_limit_exceeded", "7"]);
          if (status === 401) assert.equal(error.code, "invalid_api_key");
        }
      });
    }

    for (const [model, [status, type, message]] of Object.entries(errors.chat)) {
      test(`OpenAI ${model}, as the Anthropic package throws it`, async () => {
        const error = await thrownBy(() => askMessages(`openai/${model}`, { stream }));
        assert.ok(error instanceof Anthropic[classes[status]], `${error.constructor.name}: ${error}`);
        assert.equal(error.status, status);
        assert.deepEqual([error.error.type, error.error.error.message], ["error", message]);
        const types = { 400: "invalid_request_error", 401: "authentication_error", 403: "permission_error", 404: "not_found_error", 413: "request_too_large", 429: "rate_limit_error", 500: "api_error", 503: "overloaded_error" };
        assert.equal(error.error.error.type, types[status], type);
        assert.ok(error.error.request_id, "request_id");
      });
    }
  });
}

test("ai: the status and the message of an Anthropic upstream", async () => {
  const error = await thrownBy(() => generateText({ model: vercel(gateway.url)("anthropic/overloaded-529"), prompt: "hi", maxRetries: 0 }));
  assert.deepEqual([error.statusCode, error.message], [529, "Overloaded"]);
});

describe("an upstream's error in mid-stream", () => {
  test("Anthropic's, in Chat Completions", async () => {
    const seen = await drainOpenai(() => askChat("anthropic/error-in-stream", { stream: true }));
    assert.ok(seen.error instanceof OpenAI.APIError, String(seen.error));
    assert.equal(seen.error.message, "Overloaded");
    assert.equal(seen.finish, null);
  });

  test("OpenAI's, in Messages", async () => {
    const seen = await drainAnthropic(() => askMessages("openai/error-in-stream", { stream: true }));
    assert.ok(seen.error instanceof Anthropic.APIError, String(seen.error));
    assert.deepEqual([seen.error.error.error.type, seen.error.error.error.message], ["overloaded_error", "The server is overloaded."]);
    assert.equal(seen.stop, null);
  });

  for (const kind of ["openai", "anthropic"]) {
    test(`${kind}'s, in Responses`, async () => {
      const types = [];
      const error = await thrownBy(async () => {
        for await (const event of await askResponses(`${kind}/error-in-stream`, { stream: true })) types.push(event.type);
      });
      assert.match(error.message, /overloaded/i);
      assert.equal(types.includes("response.completed"), false);
      await assert.rejects(chat.responses.stream({ model: `${kind}/error-in-stream`, input: "hello" }).finalResponse(), /overloaded/i);
    });
  }
});

describe("what the other format cannot express", () => {
  const refused = async (work, status, param, pattern) => {
    const before = vendors.requests.length;
    const error = await thrownBy(work);
    assert.deepEqual([error.status, vendors.requests.length - before], [status, 0], String(error));
    const inner = error.error?.error ?? error.error;
    assert.equal(inner.param, param);
    assert.match(inner.message, pattern);
  };

  for (const [param, more] of [
    ["n", { n: 2 }],
    ["logprobs", { logprobs: true }],
    ["logit_bias", { logit_bias: { 50256: -100 } }],
  ]) {
    test(`chat to Messages: ${param}`, () => refused(() => askChat("anthropic/m", more), 400, param, new RegExp(param)));
  }

  test("Messages to chat: a server tool", () =>
    refused(() => askMessages("openai/m", { tools: [{ type: "web_search_20250305", name: "web_search" }] }), 400, "tools[0].type", /web_search/));

  for (const [param, more] of [
    ["previous_response_id", { previous_response_id: "resp_1" }],
    ["store", { store: true }],
    ["background", { background: true }],
    ["tools[0].type", { tools: [{ type: "web_search" }] }],
  ]) {
    test(`Responses: ${param}`, () => refused(() => askResponses("openai/m", more), 400, param, /./));
  }

  test("a wrong member is the client's fault, with its path", () =>
    refused(() => askMessages("openai/m", { messages: [{ role: "user", content: [{ type: "text", text: 5 }] }] }), 400, "messages[0].content[0].text", /text/));
});

describe("X-Punctual-Left-Out", () => {
  const leftOut = async (promise) => ((await promise.withResponse()).response.headers.get("x-punctual-left-out") ?? "").split(", ").filter(Boolean);

  for (const stream of [false, true]) {
    test(`lists what was not said, stream ${stream}`, async () => {
      const of = await leftOut(askMessages("openai/m", { top_k: 40, metadata: { user_id: "u" }, stream }));
      assert.ok(of.includes("top_k"), String(of));
      const other = await leftOut(askChat("anthropic/m", { seed: 7, presence_penalty: 0.5, stream }));
      assert.ok(other.includes("seed") && other.includes("presence_penalty"), String(other));
      const responses = await leftOut(askResponses("openai/m", { truncation: "auto", metadata: { a: "b" }, stream }));
      assert.ok(responses.includes("truncation") && responses.includes("metadata"), String(responses));
    });
  }

  test("is not there where nothing was left out", async () => {
    assert.deepEqual(await leftOut(askMessages("openai/m")), []);
    assert.deepEqual(await leftOut(askChat("anthropic/m", { temperature: 0.1, stop: "x" })), []);
  });

  test("nor where nothing is translated", async () => {
    assert.deepEqual(await leftOut(askMessages("anthropic/m", { top_k: 40 })), []);
    assert.equal(vendors.asked().top_k, 40);
  });
});
