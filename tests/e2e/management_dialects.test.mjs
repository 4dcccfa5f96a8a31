// docs/openapi.json and the routes of the dialects: what is sent is a request that it describes, and so is each answer.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { HELLO } from "./support/clients.mjs";
import { provider, startSimulator } from "./support/gateway.mjs";
import { send, startManaged } from "./support/management.mjs";
import { assertDescribed, assertValid, operations } from "./support/openapi.mjs";
import { fails, held, startSteered } from "./support/steered.mjs";
import { until } from "./support/until.mjs";

const COUNT = "/v1/messages/count_tokens";
const BODIES = {
  "/v1/messages": { max_tokens: 9, messages: HELLO },
  "/v1/responses": { input: "hello" },
  [COUNT]: { messages: HELLO },
};

let simulator;
let upstream;
let gateway;
before(async () => {
  [simulator, upstream] = await Promise.all([startSimulator(), startSteered()]);
  gateway = await startManaged({
    config:
      provider("openai", `${simulator.url}/v1`) + provider("anthropic", `${simulator.url}/v1`, { kind: "anthropic" }) + provider("up", `${upstream.url}/v1`) +
      provider("slots", `${upstream.url}/v1`, { more: "in_flight_max = 1\nwaiting_max = 0" }) + provider("nowhere", "http://127.0.0.1:1/v1"),
  });
});
after(async () => {
  await gateway?.stop();
  await simulator?.stop();
  upstream?.stop();
});

/** An answer that is described; the request is too, unless it is `wrong`. */
async function call(path, model, { more = {}, headers = {}, wrong = false } = {}) {
  const body = { model, ...BODIES[path], ...more };
  const { requestBody } = operations.find((one) => one.path === path && one.method === "POST");
  if (!wrong) assertValid(requestBody.content["application/json"].schema, body, `the request for ${path}`);
  const answer = await send(gateway.url, "POST", path, { headers: { "Content-Type": "application/json", ...headers }, body });
  assertDescribed("POST", path, answer);
  return answer;
}
const errorOf = (answer) => answer.body.error;

for (const path of Object.keys(BODIES)) {
  describe(`POST ${path}`, () => {
    for (const kind of ["openai", "anthropic"]) {
      // The simulation does not count tokens.
      if (path === COUNT && kind === "anthropic") continue;
      test(`an answer of a provider of kind ${kind}`, async () => {
        const answer = await call(path, `${kind}/sim:tokens=3`);
        assert.equal(answer.status, 200, answer.text);
      });
    }

    test("what is wrong with a request", async () => {
      for (const [more, status] of [[{ model: 5 }, 400], [{ model: undefined }, 400], [{ timeout: -1 }, 400], [{ model: "not there" }, 404]]) {
        const answer = await call(path, "openai/sim:tokens=3", { more, wrong: true });
        assert.equal(answer.status, status, `${JSON.stringify(more)}: ${answer.text}`);
        assert.ok(errorOf(answer).message.length > 0);
      }
      assert.equal((await call(path, "openai/sim:tokens=3", { headers: { "X-Request-Timeout": "soon" } })).status, 400);
      assert.equal((await call(path, "openai/sim:tokens=3", { headers: { "Content-Type": "text/plain" } })).status, 415);
      const get = await send(gateway.url, "GET", path);
      assert.equal(get.status, 405);
    });
  });
}

for (const path of ["/v1/messages", "/v1/responses"]) {
  describe(`POST ${path}, what goes wrong`, () => {
    test("a stream; a limit; an upstream that fails or cannot be reached", async () => {
      const stream = await call(path, "openai/sim:tokens=3", { more: { stream: true } });
      assert.match(stream.headers["content-type"], /^text\/event-stream/);
      assert.match(stream.text, /tok1/);
      const late = await call(path, "openai/sim:never", { headers: { "X-Request-Timeout": "0.2" } });
      assert.deepEqual([late.status, late.headers["x-should-retry"]], [504, "false"]);
      assert.match(errorOf(late).message, /Request timed out after 0\.2 seconds/);
      upstream.does("failing", fails(500));
      assert.equal((await call(path, "up/failing")).status, 500);
      assert.equal((await call(path, "nowhere/m")).status, 502);
    });

    test("no slot, and a breaker that is held open", async () => {
      const kept = held();
      upstream.does("kept", kept);
      const first = call("/v1/messages", "slots/kept");
      await until("it is asked", () => kept.waiting.length, (count) => count === 1);
      const full = await call(path, "slots/kept");
      assert.deepEqual([full.status, Number(full.headers["retry-after"]) >= 1], [503, true], full.text);
      kept.release();
      assert.equal((await first).status, 200);
      await gateway.api.put("/api/targets/hold", { provider: "slots", model: "kept", hold: "open" });
      const left = await call(path, "slots/kept");
      assert.deepEqual([left.status, Number(left.headers["retry-after"]) >= 1], [503, true], left.text);
      await gateway.api.put("/api/targets/hold", { provider: "slots", model: "kept", hold: "automatic" });
    });
  });
}

test("what only a provider's own Responses API has is refused by its name", async () => {
  for (const more of [{ previous_response_id: "resp_1" }, { store: true }, { tools: [{ type: "web_search" }] }]) {
    const answer = await call("/v1/responses", "openai/sim:tokens=3", { more });
    assert.equal(answer.status, 400, answer.text);
    assert.ok(errorOf(answer).message.includes(Object.keys(more)[0]), answer.text);
  }
});

test("tokens that the gateway has counted itself are called an estimate, and grow with the text", async () => {
  const short = await call(COUNT, "openai/sim:tokens=3");
  const long = await call(COUNT, "openai/sim:tokens=3", { more: { messages: [{ role: "user", content: "word ".repeat(400) }] } });
  assert.deepEqual([short.body.estimate, long.body.estimate], [true, true]);
  assert.ok(short.body.input_tokens > 0 && long.body.input_tokens > short.body.input_tokens + 300, `${short.text} ${long.text}`);
});
