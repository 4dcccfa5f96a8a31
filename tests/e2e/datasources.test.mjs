// Data sources: made, tried, changed and removed by administrators; what their role may is looked at. And the records
// of queries: their pages, their export, and `punctual audit verify`, which finds what was done to them.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { makeAuthority } from "./support/authority.mjs";
import { asking, chatOf, openChat } from "./support/chats.mjs";
import { cleanEnvironment, PUNCTUAL, runToEnd } from "./support/child.mjs";
import { postgresql, postgresqlSource, sqlite, sqliteFile } from "./support/data_source.mjs";
import { temporaryFolder } from "./support/gateway.mjs";
import { logIn, PASSWORD, send, startManaged } from "./support/management.mjs";
import { hasPostgresql, startPostgresql } from "./support/postgresql.mjs";
import { timed, until } from "./support/until.mjs";

const SOURCES = "/api/datasources";

describe("a data source", () => {
  let gateway;
  let api;
  let file;
  before(async () => {
    gateway = await startManaged({ config: '[server]\nlog_level = "trace"\n' });
    api = gateway.api;
    file = sqliteFile();
  });
  after(() => gateway.stop());

  test("of a SQLite file is made, tried, changed and removed, and every change is told", async () => {
    const made = await api.call("POST", SOURCES, { name: "orders", kind: "sqlite", file });
    assert.equal(made.status, 201, made.text);
    const { id, ...rest } = made.body;
    assert.deepEqual(rest, { name: "orders", kind: "sqlite", file, enabled: true, query_seconds: 30, rows_max: 1000, bytes_max: 1048576, cell_bytes_max: 4096 });
    const tried = await api.post(`${SOURCES}/${id}/test`);
    assert.deepEqual([tried.ok, tried.tables, tried.problem], [true, 2, ""]);
    assert.match(tried.server, /^SQLite 3\./);

    const list = await api.call("GET", SOURCES);
    assert.deepEqual([list.body.data_sources.length, list.headers.etag], [1, made.headers.etag]);
    const stale = await api.call("PUT", `${SOURCES}/${id}`, { ...made.body, rows_max: 5 }, { "If-Match": '"0"' });
    assert.equal(stale.status, 412);
    const changed = await api.call("PUT", `${SOURCES}/${id}`, { ...made.body, rows_max: 5, query_seconds: 2.5 }, { "If-Match": list.headers.etag });
    assert.deepEqual([changed.status, changed.body.rows_max, changed.body.query_seconds], [200, 5, 2.5], changed.text);
    assert.equal((await api.call("POST", SOURCES, { name: "orders", kind: "sqlite", file })).status, 409);

    await api.delete(`${SOURCES}/${id}`);
    assert.equal((await api.call("DELETE", `${SOURCES}/${id}`)).status, 404);
    assert.equal((await api.call("POST", `${SOURCES}/${id}/test`)).status, 404);
    const { changes } = await api.get("/api/changes?subject=datasource:");
    assert.deepEqual(changes.map((change) => [change.action, change.subject, change.actor]), ["delete", "update", "create"].map((action) => [action, "datasource:orders", "token:admin"]));
  });

  test("what is wrong is named", async () => {
    const one = { name: "x", kind: "sqlite", file };
    const server = { name: "x", kind: "postgresql", host: "db.invalid", database: "d", user: "u" };
    const text = join(temporaryFolder(), "text");
    writeFileSync(text, "x".repeat(5000));
    for (const [body, field] of [
      [{ kind: "sqlite", file }, "name"],
      [{ ...one, name: "a/b" }, "name"],
      [{ name: "x", file }, "kind"],
      [{ ...one, kind: "mysql" }, "kind"],
      [{ ...one, file: "orders.db" }, "file"],
      [{ ...one, file: "/nonexistent/orders.db" }, "file"],
      [{ ...one, file: text }, "file"],
      [{ ...one, file: "/dev/zero" }, "file"],
      [{ ...one, file: join(gateway.data, "punctual.db") }, "file"],
      [{ ...one, file: join(gateway.data, "punctual.db"), enabled: false }, "file"],
      [{ ...one, password: "secret" }, "password"],
      [{ ...one, rows_max: 0 }, "rows_max"],
      [{ ...one, rows_max: "many" }, "rows_max"],
      [{ ...one, bytes_max: 1 }, "bytes_max"],
      [{ ...one, cell_bytes_max: 2 ** 30 }, "cell_bytes_max"],
      [{ ...one, query_seconds: 0.5 }, "query_seconds"],
      [{ ...one, enabled: "yes" }, "enabled"],
      [{ ...one, color: "red" }, "color"],
      [{ ...server, host: "" }, "host"],
      [{ ...server, host: "a,b" }, "host"],
      [{ ...server, host: "a b" }, "host"],
      [{ ...server, host: "user@host" }, "host"],
      [{ ...server, port: 0 }, "port"],
      [{ ...server, user: "" }, "user"],
      [{ ...server, database: "" }, "database"],
      [{ ...server, tls: "allow" }, "tls"],
      [{ ...server, host: "nowhere.invalid" }, "host"],
    ]) {
      const answer = await api.call("POST", SOURCES, body);
      assert.equal(answer.status, 422, `${JSON.stringify(body)}: ${answer.text}`);
      assert.ok(answer.body.errors.some((error) => error.field === field), `${field}: ${answer.text}`);
    }
    assert.deepEqual((await api.get(SOURCES)).data_sources, []);
  });

  test("that is not enabled is kept without being asked", async () => {
    const kept = await api.post(SOURCES, { name: "later", kind: "postgresql", host: "nowhere.invalid", database: "d", user: "u", enabled: false });
    assert.deepEqual([kept.enabled, kept.password_set, kept.tls, kept.port], [false, false, "verify-full", 5432]);
    const tried = await api.post(`${SOURCES}/${kept.id}/test`);
    assert.equal(tried.ok, false);
    assert.match(tried.problem, /nowhere\.invalid/);
    await api.delete(`${SOURCES}/${kept.id}`);
  });

  test("is shown to viewers by name, and changed by administrators only", async () => {
    const { id } = await api.post(SOURCES, { name: "orders", kind: "sqlite", file });
    await api.post("/api/users", { name: "vera", password: PASSWORD, role: "viewer" });
    const vera = await logIn(gateway.url, "vera");
    assert.deepEqual((await vera.get(SOURCES)).data_sources, [{ id, name: "orders", kind: "sqlite", enabled: true }]);
    for (const [method, target] of [["POST", SOURCES], ["PUT", `${SOURCES}/${id}`], ["DELETE", `${SOURCES}/${id}`], ["POST", `${SOURCES}/${id}/test`], ["POST", `${SOURCES}/test`]])
      assert.equal((await vera.call(method, target, method === "DELETE" ? undefined : {})).status, 403, `${method} ${target}`);
    assert.deepEqual((await vera.get("/api/queries")).queries, []);
    await api.delete(`${SOURCES}/${id}`);
  });

  test("that does not answer holds up no other change", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const slow = api.call("POST", `${SOURCES}/test`, { name: "x", kind: "postgresql", host: "127.0.0.1", port: silent.address().port, database: "d", user: "u", tls: "disable" });
    const { ms } = await timed(() => api.put("/api/settings/timeouts", { chat_seconds: 100 }));
    assert.ok(ms < 2000, `${ms} ms`);
    const answer = await slow;
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.body.ok, false);
    assert.match(answer.body.problem, /no answer in time/);
    silent.close();
  });
});

describe("a data source on PostgreSQL", { skip: hasPostgresql ? false : "no PostgreSQL is installed" }, () => {
  let database;
  let gateway;
  let api;
  let input;
  before(async () => {
    database = startPostgresql();
    input = { name: "shop", ...postgresqlSource(database) };
    gateway = await startManaged({ config: '[server]\nlog_level = "trace"\n' });
    api = gateway.api;
  });
  after(async () => {
    await gateway.stop();
    database.end();
  });

  test("keeps its password to itself", async () => {
    const made = await api.post(SOURCES, input);
    assert.deepEqual([made.password_set, made.password], [true, undefined]);
    const tried = await api.post(`${SOURCES}/${made.id}/test`);
    assert.deepEqual([tried.ok, tried.tables, tried.problem], [true, 2, ""]);
    assert.match(tried.server, /^PostgreSQL \d+/);
    const { password, ...without } = input;
    assert.equal((await api.put(`${SOURCES}/${made.id}`, without)).password_set, true);
    const elsewhere = await api.call("PUT", `${SOURCES}/${made.id}`, { ...without, host: "localhost" });
    assert.deepEqual([elsewhere.status, elsewhere.body.errors[0].field], [422, "password"]);
    const draft = await api.call("POST", `${SOURCES}/test`, { ...without, id: made.id, host: "localhost" });
    assert.equal(draft.status, 422, draft.text);
    assert.equal((await api.post(`${SOURCES}/test`, { ...without, id: made.id })).ok, true);
    const seen = [await api.get(SOURCES), await api.get("/api/changes"), gateway.log(), await send(gateway.url, "GET", "/metrics")];
    assert.ok(!JSON.stringify(seen).includes(password));
    assert.ok(!sqlite(join(gateway.data, "punctual.db"), ".dump data_sources").includes(password));
    assert.match(JSON.stringify(await api.get("/api/changes?subject=datasource:shop")), /replaced/);
    assert.equal((await api.put(`${SOURCES}/${made.id}`, { ...without, password: null })).password_set, false);
    await api.delete(`${SOURCES}/${made.id}`);
  });

  test("whose role may do more than read is refused with what to run, and taken afterwards", async () => {
    for (const [grant, wanted, remedy] of [
      ["ALTER ROLE reader SUPERUSER", /superuser/, "ALTER ROLE reader NOSUPERUSER"],
      ["GRANT pg_write_server_files TO reader", /REVOKE pg_write_server_files FROM reader/, "REVOKE pg_write_server_files FROM reader"],
      ["GRANT INSERT ON shop.orders TO reader", /REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON shop\.orders FROM reader/, "REVOKE INSERT ON shop.orders FROM reader"],
      ["ALTER TABLE shop.many OWNER TO reader", /owns shop\.many/, "ALTER TABLE shop.many OWNER TO postgres; GRANT SELECT ON shop.many TO reader"],
    ]) {
      postgresql(database.url, grant);
      const refused = await api.call("POST", SOURCES, input);
      assert.equal(refused.status, 422, refused.text);
      assert.equal(refused.body.errors[0].field, "user");
      assert.match(refused.body.errors[0].message, wanted);
      const tried = await api.post(`${SOURCES}/test`, input);
      assert.deepEqual([tried.ok, wanted.test(tried.problem)], [false, true]);
      postgresql(database.url, remedy);
    }
    const { id } = await api.post(SOURCES, input);
    // What the role is given later is found too.
    postgresql(database.url, "GRANT DELETE ON shop.orders TO PUBLIC");
    assert.match((await api.post(`${SOURCES}/${id}/test`)).problem, /PUBLIC/);
    postgresql(database.url, "REVOKE DELETE ON shop.orders FROM PUBLIC");
    await api.delete(`${SOURCES}/${id}`);
  });

  test("survives another start and a rotation of the vault", async () => {
    const { id } = await api.post(SOURCES, input);
    await gateway.stop();
    const rotated = await runToEnd(PUNCTUAL, ["keys", "rotate", "--data", gateway.data], { env: cleanEnvironment() });
    assert.equal(rotated.code, 0, rotated.stderr);
    gateway = await startManaged({ data: gateway.data });
    api = gateway.api;
    assert.equal((await api.post(`${SOURCES}/${id}/test`)).ok, true);
    assert.equal((await api.post("/api/queries/verify")).ok, true, "the chain's key is the same");
  });
});

describe("a data source behind TLS", { skip: hasPostgresql ? false : "no PostgreSQL is installed" }, () => {
  let database;
  let gateway;
  let input;
  before(async () => {
    const probe = createServer().listen(0, "127.0.0.1");
    await once(probe, "listening");
    const { port } = probe.address();
    await new Promise((resolve) => probe.close(resolve));
    const { certificate, key } = makeAuthority();
    database = startPostgresql({ tls: { port, certificate, key } });
    input = { ...postgresqlSource(database), name: "shop", host: "127.0.0.1", port };
    gateway = await startManaged();
  });
  after(async () => {
    await gateway.stop();
    database.end();
  });
  const tried = (more) => gateway.api.post(`${SOURCES}/test`, { ...input, ...more });

  test("is encrypted where that is asked for, and verified by default", async () => {
    const required = await tried({ tls: "require" });
    assert.deepEqual([required.ok, required.problem, required.tables], [true, "", 2]);
    for (const more of [{ tls: "verify-full" }, { tls: undefined }]) {
      const verified = await tried(more);
      assert.equal(verified.ok, false, "the authority is none of the system's");
      assert.match(verified.problem, /certificate/);
    }
    // The server takes no other connection.
    assert.match((await tried({ tls: "disable" })).problem, /no encryption|pg_hba/);
  });

  test("with a wrong password, or none, says so and does not repeat it", async () => {
    const wrong = await tried({ tls: "require", password: "canary-wrong-0815" });
    assert.equal(wrong.ok, false);
    assert.match(wrong.problem, /password authentication failed/);
    assert.ok(!wrong.problem.includes("canary-wrong-0815"));
    assert.match((await tried({ tls: "require", password: null })).problem, /password/);
  });
});

describe("the records of queries", () => {
  const verify = (data, ...more) => runToEnd(PUNCTUAL, ["audit", "verify", "--data", data, ...more], { env: cleanEnvironment() });
  let gateway;
  before(async () => (gateway = await startManaged()));
  after(() => gateway.stop());

  test("are listed and exported, and there are none yet", async () => {
    const { api } = gateway;
    assert.deepEqual(await api.get("/api/queries"), { queries: [] });
    assert.equal((await api.call("GET", "/api/queries/1")).status, 404);
    assert.equal((await api.call("GET", "/api/queries/x")).status, 404);
    const csv = await api.call("GET", "/api/queries/export");
    assert.match(csv.text, /^id,time,ended,user,model,chat_id,.*,hash\r\n$/);
    assert.match(csv.headers["content-type"], /^text\/csv/);
    assert.equal((await api.call("GET", "/api/queries/export?format=jsonl")).text, "");
    for (const query of ["outcome=good", "color=red", "from=yesterday", "count=0", "older_than=x", "from=1h&to=2h"])
      assert.equal((await api.call("GET", `/api/queries?${query}`)).status, 400, query);
    assert.equal((await api.call("GET", "/api/queries/export?format=xml")).status, 400);
    assert.deepEqual(await api.post("/api/queries/verify"), { ok: true, checked: 0, problems: [] });
  });

  test("that are forged are found by the page and by the command", async () => {
    const whole = await verify(gateway.data);
    assert.equal(whole.code, 0, whole.stderr);
    assert.match(whole.stdout, /nothing was changed/);
    const head = /head (\d+:[0-9a-f]{64})/.exec(whole.stdout)[1];
    assert.equal((await verify(gateway.data, "--head", head)).code, 0);
    assert.equal((await verify(gateway.data, "--head", "nonsense")).code, 1);
    assert.match((await verify(gateway.data, "--head", `7:${"0".repeat(64)}`)).stdout, /was replaced, or cut/);
    sqlite(
      join(gateway.data, "punctual.db"),
      `INSERT INTO queries (id, at, until, user_name, model, chat_id, request_id, round, data_source, kind, tool, statement, reason, hash, outcome)
       VALUES (1, 1, 1, 'eve', 'm', 'c', 'r', 1, 'orders', 'sqlite', 'query', 'SELECT 1', 'none', '${"0".repeat(64)}', 'running')`,
    );
    const found = await gateway.api.post("/api/queries/verify");
    assert.deepEqual([found.ok, found.checked, found.problems[0].id], [false, 1, "1"]);
    assert.equal((await gateway.api.get("/api/queries/1")).user, "eve");
    assert.equal((await gateway.api.get("/api/queries?user=eve&outcome=running")).queries.length, 1);
    const told = await verify(gateway.data);
    assert.equal(told.code, 1);
    assert.match(told.stdout, /record 1 was .*inserted/);
    assert.match(told.stdout, /NOT WHOLE/);
  });

  test("cannot be checked without the master key, and that is said", async () => {
    const wrong = await runToEnd(PUNCTUAL, ["audit", "verify", "--data", gateway.data], { env: cleanEnvironment({ PUNCTUAL_MASTER_KEY: Buffer.alloc(32, 9).toString("base64") }) });
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /master key/);
  });
});

// A statement as the simulated model sim-sql wants it run.
const sql = (...statements) => statements.map((statement) => `\`\`\`sql\n${statement}\n\`\`\``).join("\n");
const ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 0 FROM n) SELECT count(*) FROM n";

for (const kind of ["sqlite", "postgresql"]) {
  const skip = kind === "postgresql" && !hasPostgresql ? "no PostgreSQL is installed" : false;
  describe(`what a chat asks of ${kind}`, { skip }, () => {
    let database;
    let file;
    let gateway;
    let api;
    let id;
    before(async () => {
      gateway = await startManaged();
      api = gateway.api;
      file = kind === "sqlite" ? sqliteFile() : undefined;
      database = kind === "sqlite" ? undefined : startPostgresql();
      ({ id } = await api.post(SOURCES, kind === "sqlite" ? { name: "shop", kind, file } : { name: "shop", ...postgresqlSource(database) }));
    });
    after(async () => {
      await gateway.stop();
      database?.end();
    });

    const ask = (statement) => chatOf(api, asking("sim-sql", sql(statement), { data_source: id }));
    const newest = async () => (await api.get("/api/queries?count=1")).queries[0];
    const orders = () => (kind === "sqlite" ? sqlite(file, "SELECT count(*) FROM orders") : postgresql(database.url, "SELECT count(*) FROM shop.orders"));

    test("is run once, and what was shown is what the record says", async () => {
      const chat = await ask("SELECT id, item FROM orders ORDER BY id");
      const pieces = chat.of("rows");
      const lines = [JSON.stringify(pieces[0].columns), ...pieces.flatMap((piece) => piece.rows.map((row) => JSON.stringify(row)))];
      assert.deepEqual(lines, ['["id","item"]', '[1,"pen"]', '[2,"ink"]', '[3,"paper"]']);
      const record = await newest();
      assert.deepEqual([record.user, record.data_source, record.kind, record.tool, record.outcome, record.rows, record.truncated], ["admin token", "shop", kind, "query", "success", 3, false]);
      assert.equal(record.sql.trim(), "SELECT id, item FROM orders ORDER BY id");
      assert.equal(record.result_hash, createHash("sha256").update(lines.map((line) => `${line}\n`).join("")).digest("hex"));
      assert.deepEqual([chat.of("query")[0].id, chat.of("query_end")[0].rows], [record.id, 3]);
      assert.equal((await api.get(`/api/queries?request=${record.chat_id}`)).queries.length, 1);
    });

    test("changes nothing, and the refusal is recorded", async () => {
      const attacks = ["DELETE FROM orders", "DROP TABLE orders", "SELECT 1; DELETE FROM orders", "WITH x AS (DELETE FROM orders RETURNING id) SELECT * FROM x"];
      const own =
        kind === "sqlite"
          ? ["ATTACH '/tmp/punctual-x.db' AS x", "PRAGMA writable_schema = ON", "SELECT load_extension('x')", "VACUUM INTO '/tmp/punctual-x.db'"]
          : ["SELECT pg_sleep(60)", "SELECT lo_import('/etc/passwd')", "COPY orders TO PROGRAM 'cat'", "DO $$ BEGIN DELETE FROM orders; END $$", "SELECT * INTO y FROM orders", "SELECT set_config('statement_timeout', '0', false)",
             "MERGE INTO orders o USING many m ON o.id = m.n WHEN MATCHED THEN DELETE", "SELECT pg_terminate_backend(pg_backend_pid())"];
      for (const attack of [...attacks, ...own]) {
        const { ms } = await timed(() => ask(attack));
        const record = await newest();
        assert.equal(record.sql.trim(), attack);
        assert.ok(["refused", "failed"].includes(record.outcome), `${attack}: ${record.outcome}`);
        assert.deepEqual([record.rows, record.error.length > 0], [0, true], attack);
        assert.ok(ms < 15_000, `${attack}: ${ms} ms`);
      }
      assert.equal(orders(), "3");
    });

    test("ends when the browser goes away, in the database too", async () => {
      const chat = await openChat(api, asking("sim-sql", sql(ENDLESS), { data_source: id }));
      await chat.when("query");
      const active = () => postgresql(database.url, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader' AND state = 'active'");
      if (kind === "postgresql") await until("the query to run", active, (count) => count === "1");
      chat.stop();
      const record = await until("the record to be completed", newest, (one) => one.outcome !== "running");
      assert.equal(record.outcome, "cancelled");
      if (kind === "postgresql") assert.equal(active(), "0");
    });

    test("that is lost with the gateway is said to be", async () => {
      const chat = await openChat(api, asking("sim-sql", sql(ENDLESS), { data_source: id }));
      await chat.when("query");
      gateway.child.kill("SIGKILL");
      await until("its end", () => gateway.child.signalCode, (signal) => signal !== null);
      gateway = await startManaged({ data: gateway.data });
      api = gateway.api;
      const record = await newest();
      assert.deepEqual([record.outcome, record.error], ["lost", "the gateway ended while the query ran"]);
      const { ok, checked } = await api.post("/api/queries/verify");
      assert.deepEqual([ok, checked > 8], [true, true]);
    });

    test("cannot be changed afterwards without being found", async () => {
      const storage = join(gateway.data, "punctual.db");
      const record = await newest();
      sqlite(storage, `UPDATE queries SET statement = 'SELECT 1' WHERE id = ${record.id}`);
      const found = await api.post("/api/queries/verify");
      assert.deepEqual([found.ok, found.problems[0].id], [false, record.id]);
      sqlite(storage, `UPDATE queries SET statement = '${record.sql.replaceAll("'", "''")}' WHERE id = ${record.id}`);
      assert.equal((await api.post("/api/queries/verify")).ok, true);
      sqlite(storage, `DELETE FROM queries WHERE id = ${record.id}`);
      assert.match(JSON.stringify((await api.post("/api/queries/verify")).problems), /removed/);
      const told = await runToEnd(PUNCTUAL, ["audit", "verify", "--data", gateway.data], { env: cleanEnvironment() });
      assert.equal(told.code, 1, told.stderr);
      const exported = (await api.call("GET", "/api/queries/export?format=jsonl")).text.trim().split("\n").map((line) => JSON.parse(line));
      assert.deepEqual(exported[0], await api.get(`/api/queries/${exported[0].id}`));
    });
  });
}
