// Who may use the management API: the first set-up, users and their sessions, the admin token, and nobody else.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { ADMIN_TOKEN, PASSWORD, cookieOf, logIn, send, setUpToken, startManaged, withCookie, withToken } from "./support/management.mjs";
import { operations } from "./support/openapi.mjs";
import { startGateway } from "./support/gateway.mjs";

let gateway;
let link;
before(async () => {
  gateway = await startManaged();
  link = await setUpToken(gateway);
});
after(() => gateway.stop());

const json = (headers = {}) => ({ "Content-Type": "application/json", ...headers });

describe("the first administrator", () => {
  const use = (token, name = "ada") => withCookie(gateway.url).call("POST", "/api/setup", { token, name, password: PASSWORD });

  test("another token makes none, and a weak password neither", async () => {
    assert.equal((await use(`${link}x`)).status, 401);
    assert.equal((await withCookie(gateway.url).call("POST", "/api/setup", { token: link, name: "ada", password: "short" })).status, 422);
    const visitor = await withCookie(gateway.url).get("/api/session");
    assert.deepEqual([visitor.set_up_needed, visitor.user, visitor.administrator], [true, null, false]);
  });

  test("the link is good once; of many at the same moment one is taken", async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, (_, index) => use(link, `ada${index}`)));
    const [made] = answers.filter((answer) => answer.status === 200);
    assert.deepEqual(answers.map((answer) => answer.status).sort(), [200, 409, 409, 409, 409]);
    assert.equal(made.body.user.role, "administrator");
    const { user } = await withCookie(gateway.url, cookieOf(made)).get("/api/session");
    assert.equal(user.name, made.body.user.name);
    assert.equal((await use(link)).status, 409);
    assert.equal((await gateway.api.get("/api/users")).users.length, 1);
  });

  test("it stands in the output once, and nowhere else", async () => {
    assert.equal(gateway.output.stdout.split(link).length, 2);
    assert.ok(!gateway.log().includes(link));
    const other = await startGateway();
    const first = await setUpToken(other);
    await other.stop();
    // As long as nobody has used it, each start prints a new one, and the old one is void.
    const again = await startGateway({ data: other.data });
    const second = await setUpToken(again);
    assert.notEqual(second, first);
    const useAt = (token) => withCookie(again.url).call("POST", "/api/setup", { token, name: "ada", password: PASSWORD });
    assert.equal((await useAt(first)).status, 401);
    assert.equal((await useAt(second)).status, 200);
    await again.stop();
    const third = await startGateway({ data: other.data });
    assert.doesNotMatch(third.output.stdout, /setup=/);
    await third.stop();
  });
});

describe("sessions", () => {
  before(() => gateway.api.post("/api/users", { name: "grace", password: PASSWORD, role: "administrator" }));

  test("the cookie is kept from scripts and other sites", async () => {
    const answer = await withCookie(gateway.url).call("POST", "/api/session", { name: "GRACE", password: PASSWORD });
    assert.match(answer.headers["set-cookie"][0], /^punctual_session=[^;]{20,}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
    assert.equal(answer.headers["cache-control"], "no-store");
  });

  test("are listed with where they come from, and end one by one", async () => {
    const [one, two] = [await logIn(gateway.url, "grace"), await logIn(gateway.url, "grace")];
    const own = (await one.get("/api/sessions")).sessions.filter((session) => session.user === "grace");
    assert.equal(own.filter((session) => session.current).length, 1);
    assert.ok(own.every((session) => session.peer.includes("127.0.0.1")));
    const { id } = (await two.get("/api/sessions")).sessions.find((session) => session.current);
    await one.delete(`/api/sessions/${id}`);
    assert.equal((await two.get("/api/session")).user, null);
    assert.equal((await two.call("GET", "/api/users")).status, 401);
    assert.equal((await one.call("DELETE", `/api/sessions/${id}`)).status, 404);
    assert.equal((await one.get("/api/session")).user.name, "grace");
  });

  test("signing out ends the session, not only the cookie", async () => {
    const api = await logIn(gateway.url, "grace");
    const answer = await api.call("DELETE", "/api/session");
    assert.match(answer.headers["set-cookie"][0], /^punctual_session=; .*Max-Age=0$/);
    assert.equal((await api.call("GET", "/api/users")).status, 401);
  });

  test("a new password ends the others", async () => {
    await gateway.api.post("/api/users", { name: "joan", password: PASSWORD });
    const [one, two] = [await logIn(gateway.url, "joan"), await logIn(gateway.url, "joan")];
    assert.equal((await one.call("PUT", "/api/session/password", { present_password: "not this one", password: "another horse" })).status, 403);
    const changed = await one.call("PUT", "/api/session/password", { present_password: PASSWORD, password: "another horse" });
    assert.equal(changed.status, 200);
    assert.equal((await two.get("/api/session")).user, null);
    assert.equal((await withCookie(gateway.url, cookieOf(changed)).get("/api/session")).user.name, "joan");
    assert.equal((await logIn(gateway.url, "joan", "another horse").then((api) => api.get("/api/session"))).user.name, "joan");
  });

  test("the admin token has no password to change", async () => {
    assert.equal((await gateway.api.call("PUT", "/api/session/password", { present_password: PASSWORD, password: "another horse" })).status, 409);
  });

  test("a wrong password and a wrong name are answered alike, and slowed down", async () => {
    for (const name of ["grace", "nobody"]) {
      const attempts = [];
      let answer;
      do {
        answer = await withCookie(gateway.url).call("POST", "/api/session", { name, password: "wrong horse battery" });
        attempts.push(answer);
      } while (answer.status === 401 && attempts.length < 20);
      assert.equal(answer.status, 429, answer.text);
      assert.ok(attempts.length > 3, "the first few are free");
      assert.match(answer.headers["retry-after"], /^[1-9]\d*$/);
      // Not even the right password, until then.
      const right = await withCookie(gateway.url).call("POST", "/api/session", { name, password: PASSWORD });
      assert.equal(right.status, 429);
    }
  });
});

describe("users", () => {
  test("the last administrator stays one", async () => {
    const other = await startManaged();
    const ada = await other.api.post("/api/users", { name: "ada", password: PASSWORD, role: "administrator" });
    for (const change of [{ role: "viewer" }, { disabled: true }]) assert.equal((await other.api.call("PUT", `/api/users/${ada.id}`, change)).status, 409);
    assert.equal((await other.api.call("DELETE", `/api/users/${ada.id}`)).status, 409);
    assert.equal((await other.api.call("POST", "/api/users", { name: "ADA", password: PASSWORD })).status, 409);
    const bob = await other.api.post("/api/users", { name: "bob", password: PASSWORD, role: "administrator" });
    const api = await logIn(other.url, "bob");
    assert.equal((await other.api.put(`/api/users/${bob.id}`, { disabled: true })).disabled, true);
    assert.equal((await api.get("/api/session")).user, null);
    assert.equal((await withCookie(other.url).call("POST", "/api/session", { name: "bob", password: PASSWORD })).status, 401);
    await other.api.delete(`/api/users/${bob.id}`);
    assert.equal((await other.api.call("PUT", `/api/users/${bob.id}`, { disabled: false })).status, 404);
    await other.stop();
  });
});

describe("who may do what", () => {
  const target = (operation) => operation.path.replaceAll(/\{\w+\}/g, "some");
  const managed = operations.filter((operation) => operation.path.startsWith("/api/"));
  const bodyOf = (operation) => (operation.requestBody ? {} : undefined);

  test("nobody: only what is open", async () => {
    for (const operation of managed.filter((one) => one.needs !== "nobody")) {
      const answer = await withCookie(gateway.url).call(operation.method, target(operation), bodyOf(operation));
      assert.equal(answer.status, 401, `${operation.method} ${operation.path}`);
      assert.equal(answer.headers["www-authenticate"], "Bearer");
    }
  });

  test("a viewer: what is looked at, and changes nothing", async () => {
    await gateway.api.post("/api/users", { name: "vera", password: PASSWORD });
    const viewer = await logIn(gateway.url, "vera");
    const refused = managed.filter((one) => one.needs === "administrator");
    assert.ok(refused.length > 15);
    for (const operation of refused) {
      const answer = await viewer.call(operation.method, target(operation), bodyOf(operation));
      assert.equal(answer.status, 403, `${operation.method} ${operation.path}`);
    }
    // What a viewer may change is their own; the two others change nothing.
    const own = managed.filter((one) => one.method !== "GET" && one.needs === "viewer").map((one) => one.operationId);
    assert.deepEqual(own.sort(), ["changeOwnPassword", "chat", "previewTimeouts", "revokeSession", "testRules", "verifyQueries"]);
    const [others] = (await gateway.api.get("/api/sessions")).sessions.filter((session) => session.user !== "vera");
    assert.equal((await viewer.call("DELETE", `/api/sessions/${others.id}`)).status, 404);
    for (const operation of managed.filter((one) => one.method === "GET" && one.needs === "viewer" && !one.path.includes("{") && one.path !== "/api/events"))
      assert.equal((await viewer.call("GET", operation.path)).status, 200, operation.path);
  });

  test("the admin token: everything; another one, an API key, none of it", async () => {
    assert.equal((await gateway.api.get("/api/session")).administrator, true);
    const { key } = await gateway.api.post("/api/keys", { name: "a key" });
    for (const wrong of [`${ADMIN_TOKEN}x`, ADMIN_TOKEN.slice(1), key]) assert.equal((await withToken(gateway.url, wrong).call("GET", "/api/users")).status, 401);
    const other = await startGateway();
    const answer = await withToken(other.url).call("GET", "/api/state");
    assert.equal(answer.status, 401);
    assert.match(answer.body.detail, /PUNCTUAL_ADMIN_TOKEN/);
    await other.stop();
  });
});

describe("what a browser was sent by somebody else", () => {
  const cookie = async () => (await logIn(gateway.url, "linus")).identity.Cookie;
  let own;
  before(async () => {
    await gateway.api.post("/api/users", { name: "linus", password: PASSWORD, role: "administrator" });
    own = await cookie();
  });
  const change = (headers) => send(gateway.url, "PUT", "/api/settings/timeouts", { headers: json({ Cookie: own, ...headers }), body: { idle_seconds: 100 } });
  const host = () => `127.0.0.1:${gateway.port}`;

  test("changes nothing", async () => {
    for (const headers of [{ "Sec-Fetch-Site": "cross-site" }, { "Sec-Fetch-Site": "same-site" }, { Origin: "https://evil.example" }, { Origin: "null" }, {}, { Origin: "https://evil.example", Host: "localhost" }])
      assert.equal((await change(headers)).status, 403, JSON.stringify(headers));
    assert.equal((await gateway.api.get("/api/settings/timeouts")).idle_seconds, 120);
    for (const headers of [{ "Sec-Fetch-Site": "same-origin" }, { "Sec-Fetch-Site": "none" }, { Origin: `http://${host()}` }]) assert.equal((await change(headers)).status, 200, JSON.stringify(headers));
  });

  test("cannot sign in either, nor use the link", async () => {
    for (const [target, body] of [["/api/session", { name: "linus", password: PASSWORD }], ["/api/setup", { token: link, name: "eve", password: PASSWORD }]])
      assert.equal((await send(gateway.url, "POST", target, { headers: json({ Origin: "https://evil.example" }), body })).status, 403);
  });

  test("by a name that is not ours, sees nothing", async () => {
    for (const Host of ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example", "[::1"])
      assert.ok([400, 403].includes((await send(gateway.url, "GET", "/api/session", { headers: { Host, Cookie: own } })).status), Host);
    for (const Host of [host(), "localhost", `LOCALHOST:${gateway.port}`, "[::1]:8080"]) assert.equal((await send(gateway.url, "GET", "/api/session", { headers: { Host, Cookie: own } })).status, 200, Host);
  });

  test("server.hosts adds names", async () => {
    const other = await startManaged({ config: '[server]\nhosts = ["llm.example"]\n' });
    const status = async (Host) => (await send(other.url, "GET", "/api/session", { headers: { Host } })).status;
    assert.deepEqual([await status("llm.example"), await status("LLM.example:443"), await status("x.llm.example")], [200, 200, 403]);
    await other.stop();
  });

  test("a form's body is not taken", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]) {
      const headers = { Authorization: `Bearer ${ADMIN_TOKEN}`, ...(type ? { "Content-Type": type } : {}) };
      assert.equal((await send(gateway.url, "PUT", "/api/settings/timeouts", { headers, body: '{"idle_seconds":50}' })).status, 415, type);
    }
    for (const body of ["{", "[]", "null", '"a"', '{"idle_seconds":50} x', "[".repeat(1000)])
      assert.equal((await gateway.api.call("PUT", "/api/settings/timeouts", body)).status, 400, body);
  });
});

describe("routes", () => {
  test("what is not there says so", async () => {
    assert.equal((await gateway.api.call("GET", "/api/nothing")).status, 404);
    assert.equal((await gateway.api.call("GET", "/api")).status, 404);
    const answer = await send(gateway.url, "PATCH", "/api/settings/timeouts", { headers: gateway.api.identity });
    assert.deepEqual([answer.status, answer.headers.allow], [405, "GET, PUT"]);
    assert.equal((await gateway.api.call("HEAD", "/api/settings/timeouts")).status, 200);
  });
});
