// Limits, hang-ups and heartbeats where the answer is translated: each in the client's own dialect.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { HELLO, ONE_EACH, anthropic, drainAnthropic, drainOpenai, openai, tokens } from "./support/clients.mjs";
import { provider, startGateway, startSimulator } from "./support/gateway.mjs";
import { jsonRequest, openRaw } from "./support/raw.mjs";
import { timed } from "./support/until.mjs";

const LIMIT_SECONDS = 0.4;
const LATE_MS_MAX = 5000;
const HEARTBEAT_SECONDS = 0.05;
// The gateway needs under a millisecond; the machine may be busy.
const CANCEL_MS_MAX = 250;
const PING = 'event: ping\ndata: {"type": "ping"}\n\n';

let simulator;
let gateway;
let beating;
let clients;
before(async () => {
  simulator = await startSimulator();
  const providers = provider("openai", `${simulator.url}/v1`) + provider("anthropic", `${simulator.url}/v1`, { kind: "anthropic" });
  [gateway, beating] = await Promise.all([
    startGateway({ config: `[timeouts]\nheartbeat_seconds = 0\n${providers}` }),
    startGateway({ config: `[timeouts]\nheartbeat_seconds = ${HEARTBEAT_SECONDS}\n${providers}` }),
  ]);
  clients = clientsOf(gateway.url);
});
after(async () => {
  await Promise.all([gateway.stop(), beating.stop()]);
  await simulator.stop();
});

const words = (text) => text.trim().split(" ").filter(Boolean);

/** Each client at a target of another format: ask(options, more, requestOptions), drain(...) to {text, error, finish}. */
function clientsOf(url) {
  const chat = openai(url, { defaultHeaders: ONE_EACH });
  const messages = anthropic(url, { defaultHeaders: ONE_EACH });
  const drainResponses = async (open) => {
    const seen = { text: "", finish: null, error: undefined };
    try {
      for await (const event of await open()) {
        if (event.type === "response.output_text.delta") seen.text += event.delta;
        if (event.type === "response.completed") seen.finish = "completed";
      }
    } catch (error) {
      seen.error = error;
    }
    return seen;
  };
  const chatBody = (options, more) => ({ model: `anthropic/sim:${options}`, messages: HELLO, ...more });
  const messagesBody = (options, more) => ({ model: `openai/sim:${options}`, max_tokens: 100, messages: HELLO, ...more });
  const responsesBody = (kind) => (options, more) => ({ model: `${kind}/sim:${options}`, input: "hello", ...more });
  const of = (create, body, drain) => ({
    ask: (options, more = {}, also = {}) => create(body(options, more), also),
    drain: (options, also = {}) => drain(() => create(body(options, { stream: true }), also)),
  });
  const responses = (kind) => of((body, also) => chat.responses.create(body, also), responsesBody(kind), drainResponses);
  return {
    "openai to Messages": of((body, also) => chat.chat.completions.create(body, also), chatBody, drainOpenai),
    "anthropic to chat": of((body, also) => messages.messages.create(body, also), messagesBody, async (open) => {
      const seen = await drainAnthropic(open);
      return { ...seen, finish: seen.stop };
    }),
    "responses to chat": responses("openai"),
    "responses to Messages": responses("anthropic"),
  };
}

const names = ["openai to Messages", "anthropic to chat", "responses to chat", "responses to Messages"];
const within = { headers: { "X-Request-Timeout": String(LIMIT_SECONDS) } };
const TIMED_OUT = new RegExp(`Request timed out after ${String(LIMIT_SECONDS).replace(".", "\\.")} seconds`);

function assertTime(ms) {
  assert.ok(ms >= LIMIT_SECONDS * 1000, `early: ${ms} ms`);
  assert.ok(ms < LIMIT_SECONDS * 1000 + LATE_MS_MAX, `late: ${ms} ms`);
}

for (const name of names) {
  describe(`${name}: the limit`, { concurrency: true }, () => {
    for (const stream of [false, true]) {
      test(`before the head, stream ${stream}`, async () => {
        const { error, ms } = await timed(() => clients[name].ask("never", { stream }, within));
        assert.equal(error?.status, 504, String(error));
        assert.match(error.message, TIMED_OUT);
        const inner = error.error.error ?? error.error;
        assert.equal(inner.type, name.startsWith("anthropic") ? "timeout_error" : "https://mlx-manager.dev/errors/timeout");
        assertTime(ms);
      });
    }

    test("in mid-stream: the text so far, then an error of this dialect", async () => {
      const { value: seen, ms } = await timed(() => clients[name].drain("tokens=9,hang_after=3", within));
      assert.deepEqual([seen.text, seen.finish], [tokens(3), null]);
      assert.match(String(seen.error?.message), TIMED_OUT);
      if (name.startsWith("anthropic")) assert.equal(seen.error.error.error.type, "timeout_error");
      assertTime(ms);
    });

    for (const fault of ["reset_after=3", "close_after=3", "no_done"]) {
      test(`the upstream breaks off (${fault}): an error, and no end that looks like success`, async () => {
        const seen = await clients[name].drain(`tokens=${fault === "no_done" ? 3 : 9},itl_ms=10,${fault}`);
        assert.equal(seen.text, tokens(3));
        // A finish reason was told where only the end mark is missing; the error comes all the same.
        if (seen.error) return assert.match(seen.error.message, /upstream.s answer broke off|ended its stream/);
        assert.equal(fault, "no_done");
        assert.ok(seen.finish, "neither an end nor an error");
      });
    }
  });

  describe(`${name}: the client hangs up`, () => {
    const letGo = async (model, work) => {
      const before = await simulator.stats();
      await assert.rejects(work());
      await simulator.statsWhen((now) => now.open === 0 && now.aborted === before.aborted + 1);
      const record = await gateway.recordWhen((one) => one.model.endsWith(`sim:${model}`));
      assert.deepEqual([record.outcome, record.ended_by, record.attempts[0].outcome], ["cancelled", "client", "cancelled"]);
      assert.ok(record.cancel_ms < CANCEL_MS_MAX, `${record.cancel_ms} ms`);
    };
    // Each a name of its own, for the record.
    const bytes = 300 + names.indexOf(name);

    for (const stream of [false, true]) {
      test(`before the head, stream ${stream}`, () => {
        const model = `never,bytes=${bytes},tokens=${stream ? 1 : 2}`;
        return letGo(model, async () => {
          const controller = new AbortController();
          const asked = clients[name].ask(model, { stream }, { signal: controller.signal });
          const abort = async () => {
            await simulator.statsWhen((now) => now.open === 1);
            controller.abort();
          };
          await Promise.all([asked, abort()]);
        });
      });
    }

    test("in a stream", () => {
      const model = `tokens=9,hang_after=4,bytes=${bytes}`;
      return letGo(model, async () => {
        const stream = await clients[name].ask(model, { stream: true });
        let got = "";
        for await (const event of stream) {
          got += event.choices?.[0]?.delta?.content ?? event.delta?.text ?? (typeof event.delta === "string" ? event.delta : "");
          if (words(got).length >= 4) stream.controller.abort();
        }
        throw new Error("the stream ended by itself, as it does after its own abort");
      });
    });

    test("in the middle of an answer in one piece", () => {
      const model = `tokens=9,hang_after=3,bytes=${bytes}`;
      return letGo(model, async () => {
        const controller = new AbortController();
        const asked = clients[name].ask(model, {}, { signal: controller.signal });
        const abort = async () => {
          await simulator.statsWhen((now) => now.open === 1);
          controller.abort();
        };
        await Promise.all([asked, abort()]);
      });
    });
  });
}

describe("heartbeats", { concurrency: true }, () => {
  const asked = {
    "/v1/messages": (model) => ({ model, max_tokens: 99, stream: true, messages: HELLO }),
    "/v1/chat/completions": (model) => ({ model, stream: true, messages: HELLO }),
    "/v1/responses": (model) => ({ model, stream: true, input: "hello" }),
  };
  const wire = async (path, model) => {
    const raw = await openRaw(beating.port);
    raw.write(jsonRequest(path, asked[path](model), ONE_EACH));
    const { text } = await raw.ended;
    raw.destroy();
    return text;
  };

  for (const kind of ["openai", "anthropic"]) {
    for (const path of Object.keys(asked)) {
      test(`on the wire: ${path} at kind ${kind}`, async () => {
        const text = await wire(path, `${kind}/sim:tokens=2,headers_ms=300,ttft_ms=300,itl_ms=300`);
        const [mine, other] = path === "/v1/messages" ? [PING, ": keep-alive\n\n"] : [": keep-alive\n\n", PING];
        assert.ok(text.split(mine).length > 4, text);
        assert.equal(text.includes(other), false, text);
        const start = { "/v1/messages": "message_start", "/v1/responses": "response.created", "/v1/chat/completions": '"role"' }[path];
        assert.ok(text.indexOf(mine) < text.indexOf(start) && text.lastIndexOf(mine) > text.indexOf(start), "before and in the answer");
      });

      // Signs of life that the translation drops are none to the client.
      for (const noise of ["progress_every_ms=20", "empty_deltas_every_ms=20", "comment_every_ms=20"]) {
        test(`go on though the upstream sends ${noise}: ${path} at kind ${kind}`, async () => {
          const translated = path !== (kind === "openai" ? "/v1/chat/completions" : "/v1/messages");
          const text = await wire(path, `${kind}/sim:tokens=2,itl_ms=600,${noise}`);
          const beats = text.split(path === "/v1/messages" ? PING : ": keep-alive\n\n").length - 1;
          if (translated) assert.ok(beats > 3, `${beats}\n${text}`);
        });
      }
    }
  }

  for (const name of names) {
    test(`${name}: read by the SDK, before the head, before the first token and between tokens`, async () => {
      const seen = await clientsOf(beating.url)[name].drain("tokens=3,headers_ms=300,ttft_ms=300,itl_ms=150");
      assert.deepEqual([seen.text, seen.error], [tokens(3), undefined]);
      assert.ok(seen.finish);
    });

    test(`${name}: an error behind heartbeats only`, async () => {
      const seen = await clientsOf(beating.url)[name].drain("never", within);
      assert.equal(seen.text, "");
      assert.match(String(seen.error?.message), TIMED_OUT);
    });

    test(`${name}: the upstream's refusal behind heartbeats only`, async () => {
      const seen = await clientsOf(beating.url)[name].drain("status=400,ttft_ms=300");
      assert.equal(seen.text, "");
      assert.match(String(seen.error?.message), /A simulated error|400/);
    });
  }

  test("the helper of the Anthropic package, with pings before message_start", async () => {
    const running = anthropic(beating.url).messages.stream({ model: "openai/sim:tokens=3,headers_ms=300,itl_ms=100", max_tokens: 99, messages: HELLO });
    assert.equal((await running.finalMessage()).content[0].text, tokens(3));
  });
});
