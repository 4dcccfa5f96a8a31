// The client goes away: the upstream is let go at once, wherever the request is, and the record says who left.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { generateText, streamText } from "ai";

import { HELLO, anthropic, openai, tokens, vercel } from "./support/clients.mjs";
import { provider, startGateway, startSimulator } from "./support/gateway.mjs";
import { jsonRequest, openRaw } from "./support/raw.mjs";
import { silentAddress } from "./support/silent_address.mjs";
import { until } from "./support/until.mjs";

// The gateway needs under a millisecond; the machine may be busy.
const CANCEL_MS_MAX = 250;

let simulator;
let silent;
let gateway;
before(async () => {
  [simulator, silent] = await Promise.all([startSimulator(), silentAddress()]);
  gateway = await startGateway({
    config:
      provider("far", `${simulator.url}/v1`) +
      provider("far-anthropic", `${simulator.url}/v1`, { kind: "anthropic" }) +
      provider("silent", `http://127.0.0.1:${silent.port}/v1`),
  });
});
after(async () => {
  await gateway.stop();
  await simulator.stop();
  silent.stop();
});

/** Runs `work(controller)`, which must end in an error after controller.abort(), and checks both ends. */
async function assertLetGo(work, recordHolds) {
  const before = await simulator.stats();
  const controller = new AbortController();
  await assert.rejects(work(controller));
  await simulator.statsWhen((now) => now.open === 0 && now.aborted === before.aborted + 1);
  const record = await gateway.recordWhen(recordHolds);
  assert.deepEqual([record.outcome, record.ended_by, record.limit, record.attempts[0].outcome], ["cancelled", "client", undefined, "cancelled"]);
  assert.ok(record.cancel_ms < CANCEL_MS_MAX, `${record.cancel_ms} ms`);
  return record;
}

const byModel = (model) => (record) => record.model === model;
const abortWhenStarted = async (controller) => {
  await simulator.statsWhen((now) => now.open === 1);
  controller.abort();
};

describe("openai", () => {
  test("in a stream", async () => {
    const model = "far/sim:tokens=9,hang_after=4";
    const record = await assertLetGo(async ({ signal }) => {
      const stream = await openai(gateway.url).chat.completions.create({ model, messages: HELLO, stream: true }, { signal });
      let text = "";
      for await (const chunk of stream) {
        text += chunk.choices[0].delta.content ?? "";
        if (text === tokens(4)) stream.controller.abort();
      }
      throw new Error("the stream ended by itself, as it does after its own abort");
    }, byModel(model));
    assert.equal(record.content_events, 4);
  });

  test("before the head of a stream", () => {
    const model = "far/sim:never,tokens=1";
    return assertLetGo(async (controller) => {
      const asked = openai(gateway.url).chat.completions.create({ model, messages: HELLO, stream: true }, { signal: controller.signal });
      await Promise.all([asked, abortWhenStarted(controller)]);
    }, byModel(model));
  });

  test("while an answer in one piece is made", () => {
    const model = "far/sim:never,tokens=2";
    return assertLetGo(async (controller) => {
      const asked = openai(gateway.url).chat.completions.create({ model, messages: HELLO }, { signal: controller.signal });
      await Promise.all([asked, abortWhenStarted(controller)]);
    }, byModel(model));
  });

  test("in the middle of an answer in one piece", () => {
    const model = "far/sim:tokens=9,hang_after=3,bytes=900";
    return assertLetGo(async (controller) => {
      const asked = openai(gateway.url).completions.create({ model, prompt: "a" }, { signal: controller.signal });
      await Promise.all([asked, abortWhenStarted(controller)]);
    }, byModel(model));
  });

  test("embeddings", () => {
    const model = "far/sim:never,tokens=3";
    return assertLetGo(async (controller) => {
      const asked = openai(gateway.url).embeddings.create({ model, input: "a" }, { signal: controller.signal });
      await Promise.all([asked, abortWhenStarted(controller)]);
    }, byModel(model));
  });
});

test("ai: streamText with an abort signal", () => {
  const model = "far/sim:tokens=9,hang_after=2";
  return assertLetGo(async (controller) => {
    const result = streamText({ model: vercel(gateway.url)(model), prompt: "hi", abortSignal: controller.signal, maxRetries: 0, onError: () => {} });
    for await (const part of result.fullStream) {
      if (part.type === "text-delta") controller.abort();
    }
    throw new Error("the stream ended by itself, as it does after an abort");
  }, byModel(model));
});

test("ai: generateText with an abort signal", () => {
  const model = "far/sim:never,tokens=4";
  return assertLetGo(async (controller) => {
    const asked = generateText({ model: vercel(gateway.url)(model), prompt: "hi", abortSignal: controller.signal, maxRetries: 0 });
    await Promise.all([asked, abortWhenStarted(controller)]);
  }, byModel(model));
});

test("Anthropic: abort of the helper's stream", () => {
  const model = "far-anthropic/sim:tokens=9,hang_after=2";
  return assertLetGo(async () => {
    const stream = anthropic(gateway.url).messages.stream({ model, max_tokens: 99, messages: HELLO });
    stream.on("text", () => stream.abort());
    await stream.finalMessage();
  }, byModel(model));
});

describe("on the wire", () => {
  const request = (model) => jsonRequest("/v1/chat/completions", { model, stream: true, messages: HELLO });

  test("a reset in a stream", () => {
    const model = "far/sim:tokens=9,hang_after=5";
    return assertLetGo(async () => {
      const raw = await openRaw(gateway.port);
      raw.write(request(model));
      await raw.read("tok5");
      raw.reset();
      throw new Error("gone");
    }, byModel(model));
  });

  test("while the upstream is being connected to", async () => {
    const raw = await openRaw(gateway.port);
    raw.write(request("silent/m"));
    await gatewayHas(1);
    raw.destroy();
    const record = await gateway.recordWhen(byModel("silent/m"));
    assert.deepEqual([record.outcome, record.ended_by], ["cancelled", "client"]);
  });

  test("behind pipelined bytes that are not read yet", () => {
    const model = "far/sim:tokens=9,hang_after=6";
    return assertLetGo(async () => {
      const raw = await openRaw(gateway.port);
      raw.write(request(model) + "GET /health HTTP/1.1\r\nHost: gateway\r\n\r\n");
      await raw.read("tok6");
      raw.destroy();
      throw new Error("gone");
    }, byModel(model));
  });

  test("a hundred at once", async () => {
    const before = await simulator.stats();
    const model = "far/sim:tokens=9,hang_after=1";
    const all = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const raw = await openRaw(gateway.port);
        raw.write(request(model));
        await raw.read("tok1");
        return raw;
      }),
    );
    assert.equal((await simulator.stats()).open, 100);
    all.forEach((raw) => raw.destroy());
    await simulator.statsWhen((now) => now.open === 0 && now.aborted === before.aborted + 100);
  });
});

async function gatewayHas(requests) {
  const metrics = async () => (await fetch(`${gateway.url}/metrics`)).text();
  await until(`${requests} request in flight`, metrics, (text) => new RegExp(`^punctual_requests_in_flight ${requests}$`, "m").test(text));
}
