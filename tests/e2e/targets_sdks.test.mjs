// What the SDKs do with what a gateway tells of its targets: they come back when it says, and only where that helps.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { generateText } from "ai";

import { HELLO, anthropic, openai, vercel } from "./support/clients.mjs";
import { provider } from "./support/gateway.mjs";
import { chat, startManaged } from "./support/management.mjs";
import { answers, fails, inTurn, silent, startSteered, targetOf } from "./support/steered.mjs";
import { timed } from "./support/until.mjs";

const OPEN_SECONDS = 0.5;

let upstream;
let gateway;
before(async () => {
  upstream = await startSteered();
  gateway = await startManaged({ config: `[breaker]\nfailures_in_a_row = 1\nopen_seconds = ${OPEN_SECONDS}\nerror_share = 0\ncheck_seconds = 0\n${provider("up", `${upstream.url}/v1`)}` });
});
after(async () => {
  await gateway?.stop();
  upstream?.stop();
});

/** Each asks for text; `retries` is how often it may come again by itself. */
const clients = {
  openai: async (model, retries, headers) => (await openai(gateway.url, { maxRetries: retries, defaultHeaders: headers }).chat.completions.create({ model, messages: HELLO })).choices[0].message.content,
  "openai responses": async (model, retries, headers) => (await openai(gateway.url, { maxRetries: retries, defaultHeaders: headers }).responses.create({ model, input: "hello" })).output_text,
  anthropic: async (model, retries, headers) => (await anthropic(gateway.url, { maxRetries: retries, defaultHeaders: headers }).messages.create({ model, max_tokens: 9, messages: HELLO })).content[0].text,
  ai: async (model, retries, headers) => (await generateText({ model: vercel(gateway.url, { headers })(model), prompt: "hello", maxRetries: retries })).text,
};

for (const [name, ask] of Object.entries(clients)) {
  describe(name, () => {
    const model = name.replace(" ", "-");

    test("reads that its target is left alone", async () => {
      upstream.does(`${model}-open`, fails(500));
      await chat(gateway.url, `up/${model}-open`);
      const { error } = await timed(() => ask(`up/${model}-open`, 0));
      assert.equal(error?.status ?? error?.statusCode, 503, String(error));
      assert.match(error.message, /failed again and again and is left alone for another 0\.\d s/);
      assert.equal(upstream.calls(`${model}-open`).length, 1);
    });

    test("comes back when the target is tried again, and is the trial", async () => {
      upstream.does(`${model}-back`, inTurn(fails(500), answers("well again")));
      await chat(gateway.url, `up/${model}-back`);
      const { value, ms, error } = await timed(() => ask(`up/${model}-back`, 3));
      assert.equal(value, "well again", String(error));
      assert.ok(ms >= OPEN_SECONDS * 1000 - 200, `${ms} ms`);
      assert.equal(upstream.calls(`${model}-back`).length, 2, "nobody was asked while it was left alone");
      assert.equal((await targetOf(gateway.api, `${model}-back`)).state, "closed");
    });

    test("does not come back where its time is up: that would take as long again", async () => {
      upstream.does(`${model}-late`, silent);
      const { error } = await timed(() => ask(`up/${model}-late`, 2, { "X-Request-Timeout": "0.3" }));
      const last = error?.lastError ?? error;
      assert.match(last?.message ?? "", /Request timed out after 0\.3 seconds/);
      // The AI SDK has no ear for `x-should-retry`.
      assert.equal(upstream.calls(`${model}-late`).length, name === "ai" ? 3 : 1);
    });
  });
}
