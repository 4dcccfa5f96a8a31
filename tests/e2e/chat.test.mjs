// The chat: through the gateway's own routing and limits, told as events, ended at once by who leaves.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { knownAnswer } from "../engine/known_answers.mjs";
import { startEngine } from "../engine/start.mjs";
import { asking, chatOf, openChat } from "./support/chats.mjs";
import { tokens } from "./support/clients.mjs";
import { provider, startSimulator } from "./support/gateway.mjs";
import { PASSWORD, entryWhen, logIn, send, startManaged, withCookie } from "./support/management.mjs";
import { timed } from "./support/until.mjs";

// Under a millisecond here; the machine may be busy.
const CANCEL_MS_MAX = 250;

let simulator;
let gateway;
let api;
before(async () => {
  simulator = await startSimulator();
  gateway = await startManaged({ config: provider("far", `${simulator.url}/v1`) });
  api = gateway.api;
});
after(() => Promise.all([gateway.stop(), simulator.stop()]));

const IMAGE = "data:image/png;base64,iVBORw0KGgo=";

describe("without a database", () => {
  test("is one call of the model, with a record of its own", async () => {
    const chat = await chatOf(api, asking("far/sim:tokens=5,reasoning=2", "Hello"));
    assert.deepEqual(chat.names(), ["start", "call", "call_end", "end"]);
    assert.equal(chat.text(), tokens(5));
    assert.equal(chat.of("delta").map((one) => one.reasoning ?? "").join(""), "think1 think2");
    assert.deepEqual(chat.of("start")[0].limits, { model_call_seconds: 120, browser_seconds: 180, request_seconds: 300, rounds_max: 8 });
    const { request_id: id } = chat.of("call")[0];
    const entry = await entryWhen(api, (one) => one.request_id === id);
    assert.deepEqual([entry.provider, entry.outcome, entry.completion_tokens], ["far", "success", 7]);
    const { record } = await api.get(`/api/requests/${id}`);
    assert.equal(record.inner, true, "a call of the chat page");
    // The limit that the page gives its calls is none that clients ask for.
    const { layers } = await api.get("/api/settings/timeouts/chain");
    assert.deepEqual(layers.filter((layer) => layer.known === "sent"), []);
    assert.deepEqual([chat.last.data.outcome, chat.last.data.rounds, chat.last.data.queries], ["success", 1, 0]);
  });

  test("passes on the conversation, images and all, and nothing of who asks", async () => {
    const messages = [
      { role: "system", content: "Be short." },
      { role: "user", content: "One?" },
      { role: "assistant", content: "Two." },
      { role: "user", content: [{ type: "text", text: "And this?" }, { type: "image_url", image_url: { url: IMAGE } }] },
    ];
    const chat = await chatOf(api, { model: "far/sim:echo", messages, temperature: 0.5, max_tokens: 9 });
    const echo = JSON.parse(chat.text());
    const body = JSON.parse(echo.body);
    assert.deepEqual(body.messages, messages);
    assert.deepEqual([body.temperature, body.max_tokens, body.stream, body.tools], [0.5, 9, true, undefined]);
    assert.equal(echo.headers.authorization, undefined);
    assert.equal(echo.headers.cookie, undefined);
  });

  test("is told token by token", async () => {
    const chat = await openChat(api, asking("far/sim:tokens=9,hang_after=4", "Hello"));
    await chat.when("delta");
    assert.equal(chat.of("call_end").length, 0);
    chat.stop();
  });

  test("keeps a silent one open", async () => {
    const other = await startManaged({ config: "[timeouts]\nheartbeat_seconds = 0.05\n" });
    const chat = await chatOf(other.api, asking("sim:tokens=1,ttft_ms=400", "Hello"));
    assert.equal(chat.text(), "tok1");
    assert.ok(chat.comments >= 3, `${chat.comments}`);
    await other.stop();
  });

  test("with a real engine, word for word", async () => {
    const engine = await startEngine();
    const other = await startManaged({ config: provider("engine", `${engine.url}/v1`) });
    const chat = await chatOf(other.api, asking("engine/chain", "hi"));
    assert.equal(chat.text(), knownAnswer().text);
    assert.equal(chat.last.event, "end");
    assert.equal(chat.last.data.usage.completion_tokens, knownAnswer().completionTokens);
    await Promise.all([other.stop(), engine.stop()]);
  });
});

describe("who may chat", () => {
  const ask = (identity, headers = {}) => identity.call("POST", "/api/chat", asking("sim:tokens=1", "Hello"), headers);

  test("a viewer with a session may, from our own pages; nobody and an API key may not", async () => {
    await api.post("/api/users", { name: "vera", password: PASSWORD });
    const viewer = await logIn(gateway.url, "vera");
    assert.equal((await chatOf(viewer, asking("sim:tokens=1", "Hello"))).last.event, "end");
    assert.equal((await ask(withCookie(gateway.url))).status, 401);
    const elsewhere = await send(gateway.url, "POST", "/api/chat", {
      headers: { "Content-Type": "application/json", Cookie: viewer.identity.Cookie, "Sec-Fetch-Site": "cross-site" },
      body: asking("sim:tokens=1", "Hello"),
    });
    assert.equal(elsewhere.status, 403);
  });

  test("where /v1 asks for keys the chat needs none, and opens nothing to others", async () => {
    const other = await startManaged();
    const { key } = await other.api.post("/api/keys", { name: "a key" });
    const post = (headers) => send(other.url, "POST", "/v1/chat/completions", { headers: { "Content-Type": "application/json", ...headers }, body: asking("sim:tokens=1", "Hello") });
    assert.equal((await chatOf(other.api, asking("sim:tokens=1", "Hello"))).last.event, "end");
    assert.equal((await post({})).status, 401);
    assert.equal((await post({ "X-Request-ID": "chat_1-1", Host: "gateway" })).status, 401);
    assert.equal((await post({ Authorization: `Bearer ${key}` })).status, 200);
    assert.equal((await send(other.url, "POST", "/api/chat", { headers: { "Content-Type": "application/json", Authorization: `Bearer ${key}` }, body: asking("sim:tokens=1", "x") })).status, 401);
    await other.stop();
  });
});

describe("what is wrong is said before the stream begins", () => {
  test("field by field", async () => {
    const answer = await api.call("POST", "/api/chat", { model: "", messages: [{ role: "tool", content: 5 }], temperature: 7, limits: { rounds_max: 99 }, more: 1 });
    assert.equal(answer.status, 422);
    assert.deepEqual(answer.body.errors.map((one) => one.field), ["model", "messages[0].role", "messages[0].content", "temperature", "limits.rounds_max", "more"]);
  });

  test("a data source that is not there", async () => {
    const answer = await api.call("POST", "/api/chat", asking("sim-fast", "Hello", { data_source: "data_none" }));
    assert.equal(answer.status, 422);
    assert.equal(answer.body.errors[0].field, "data_source");
  });

  test("a body that is too large, of another type, or none", async () => {
    const headers = { ...api.identity, "Content-Type": "application/json" };
    assert.equal((await send(gateway.url, "POST", "/api/chat", { headers, body: asking("sim-fast", "x".repeat(9 << 20)) })).status, 413);
    assert.equal((await send(gateway.url, "POST", "/api/chat", { headers: { ...headers, "Content-Type": "text/plain" }, body: "{}" })).status, 415);
    assert.equal((await api.call("POST", "/api/chat", "{")).status, 400);
    const large = await chatOf(api, asking("sim:tokens=1", "x".repeat(7 << 20)));
    assert.equal(large.last.event, "end");
  });
});

describe("what goes wrong in the middle", () => {
  test("a model that is not there, an upstream that refuses", async () => {
    const none = await chatOf(api, asking("nothing/at-all", "Hello"));
    assert.equal(none.last.event, "error");
    const refused = await chatOf(api, asking("far/sim:status=429", "Hello"));
    assert.deepEqual([refused.last.event, refused.last.data.status, refused.last.data.rounds], ["error", 429, 1]);
  });

  test("the answer breaks off: what was said stays, and the last word is an error", async () => {
    for (const fault of ["error_after", "reset_after", "close_after", "garbage_after"]) {
      const chat = await chatOf(api, asking(`far/sim:tokens=9,${fault}=3`, "Hello"));
      assert.deepEqual([chat.text(), chat.last.event, chat.last.data.status], [tokens(3), "error", 502], fault);
      assert.ok(chat.last.data.error.message);
    }
  });

  test("each limit says which it was", async () => {
    const attempt = await chatOf(api, asking("far/sim:tokens=9,hang_after=2", "Hello", { limits: { model_call_seconds: 0.4, request_seconds: 30 } }));
    assert.deepEqual(
      [attempt.text(), attempt.last.data.limit, attempt.last.data.limit_seconds, attempt.last.data.limit_source],
      [tokens(2), "attempt", 0.4, "request limits.model_call_seconds"],
    );
    const total = await chatOf(api, asking("far/sim:never", "Hello", { limits: { request_seconds: 0.3 } }));
    assert.deepEqual([total.last.data.limit, total.last.data.detail], ["total", "Request timed out after 0.3 seconds"]);
    const entry = await entryWhen(api, (one) => one.request_id === total.of("call")[0].request_id);
    assert.equal(entry.outcome, "timeout");
  });
});

describe("Stop", () => {
  test("ends the model's call at once, wherever it is", async () => {
    for (const model of ["far/sim:tokens=9,hang_after=4", "far/sim:never"]) {
      const before = await simulator.stats();
      const chat = await openChat(api, asking(model, "Hello"));
      await simulator.statsWhen((now) => now.open === 1);
      if (model.includes("hang")) await chat.when("delta");
      const { ms } = await timed(async () => {
        chat.stop();
        await simulator.statsWhen((now) => now.open === 0 && now.aborted === before.aborted + 1);
      });
      assert.ok(ms < CANCEL_MS_MAX, `${ms} ms`);
      const entry = await entryWhen(api, (one) => one.request_id === chat.of("call")[0].request_id);
      assert.equal(entry.outcome, "cancelled");
    }
  });

  test("an operator may end the model's call; the chat says so", async () => {
    const chat = await openChat(api, asking("far/sim:never", "Hello"));
    const { request_id: id } = await chat.when("call");
    await simulator.statsWhen((now) => now.open === 1);
    await api.post(`/api/requests/${id}/cancel`);
    const last = await chat.ended;
    assert.deepEqual([last.event, last.data.status], ["error", 503]);
    assert.match(last.data.detail, /operator/);
  });

  test("the end of the process lets a chat end", async () => {
    const other = await startManaged();
    const chat = await openChat(other.api, asking("sim:tokens=10,itl_ms=50", "Hello"));
    await chat.when("delta");
    const stopped = other.stop();
    assert.equal((await chat.ended).event, "end");
    assert.equal(chat.text(), tokens(10));
    assert.equal((await stopped).code, 0);
  });
});

describe("many at once", () => {
  test("more than there may be are refused in words", async () => {
    const chats = await Promise.all(Array.from({ length: 8 }, () => openChat(api, asking("far/sim:never", "Hello"))));
    const answer = await api.call("POST", "/api/chat", asking("far/sim:never", "Hello"));
    assert.equal(answer.status, 429);
    assert.match(answer.body.detail, /as many chats going on as one may have at once \(8\)/);
    assert.ok(answer.headers["retry-after"]);
    for (const chat of chats) chat.stop();
    await simulator.statsWhen((now) => now.open === 0);
    assert.equal((await chatOf(api, asking("sim:tokens=1", "Hello"))).last.event, "end");
  });
});

describe("the models to chat with", () => {
  test("are those that /v1 knows, without a key", async () => {
    const { models } = await api.get("/api/chat/models");
    const ids = models.map((one) => one.id);
    for (const name of ["sim-fast", "sim-sql"]) assert.ok(ids.includes(name));
    assert.equal(models.find((one) => one.id === "sim-fast").provider, "sim");
    assert.equal((await api.call("HEAD", "/api/chat/models")).status, 200);
  });
});
