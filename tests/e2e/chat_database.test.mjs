// A chat over a database: the model's queries run on a real SQLite file and a real PostgreSQL server, each
// recorded, bounded by what is left, and ended at once by who leaves.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { asking, chatOf, openChat } from "./support/chats.mjs";
import { provider, startSimulator, temporaryFolder } from "./support/gateway.mjs";
import { PASSWORD, logIn, startManaged } from "./support/management.mjs";
import { hasPostgresql, startPostgresql } from "./support/postgresql.mjs";
import { until } from "./support/until.mjs";

// Milliseconds here; the machine may be busy.
const CANCEL_MS_MAX = 1000;
const TABLES = `
  CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT NOT NULL, amount INTEGER NOT NULL);
  INSERT INTO orders VALUES (1, 'Ada', 30), (2, 'Grace', 12), (3, 'Ada', 5);`;
// Runs until it is ended.
const ENDLESS = {
  sqlite: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
  postgresql: "WITH RECURSIVE n(i) AS (SELECT 1::bigint UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
};
const sql = (...statements) => statements.map((statement) => `\`\`\`sql\n${statement}\n\`\`\``).join("\n");

let simulator;
let gateway;
let api;
let postgresql;
const sources = {};
before(async () => {
  simulator = await startSimulator();
  gateway = await startManaged({ config: provider("far", `${simulator.url}/v1`) });
  api = gateway.api;
  const file = join(temporaryFolder(), "shop.db");
  execFileSync("sqlite3", [file], { input: TABLES });
  const lite = await api.post("/api/datasources", { name: "shop", kind: "sqlite", file, enabled: true, query_seconds: 20 });
  sources.sqlite = lite.id;
  if (!hasPostgresql) return;
  postgresql = startPostgresql();
  const folder = new URL(postgresql.url.replace("postgresql://postgres@/", "http://x/")).searchParams.get("host");
  sources.folder = folder;
  psql(`${TABLES} CREATE ROLE reader LOGIN; GRANT SELECT ON orders TO reader;`);
  const big = await api.post("/api/datasources", {
    name: "store", kind: "postgresql", host: folder, port: 5432, database: "postgres", user: "reader", tls: "disable", enabled: true, query_seconds: 20,
  });
  sources.postgresql = big.id;
});
after(async () => {
  await Promise.all([gateway.stop(), simulator.stop()]);
  postgresql?.end();
});

const psql = (statements) =>
  execFileSync("psql", ["-h", sources.folder, "-U", "postgres", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-At"], { input: statements, encoding: "utf8" });

const recordOf = async (query) => api.get(`/api/queries/${query.id}`);

for (const kind of ["sqlite", "postgresql"]) {
  describe(kind, { skip: kind === "postgresql" && !hasPostgresql && "there is no PostgreSQL here" }, () => {
    const ask = (model, message, more = {}) => asking(model, message, { data_source: sources[kind], ...more });

    test("a query is recorded, run, told, and seen by the model as it was told", async () => {
      const statement = "SELECT customer, sum(amount) AS total FROM orders GROUP BY customer ORDER BY customer";
      const chat = await chatOf(api, ask("far/sim:sql,tokens=2", `Who bought?\n${sql(statement)}`));
      assert.deepEqual(chat.names(), ["start", "call", "call_end", "query", "rows", "query_end", "call", "call_end", "end"]);
      const [query] = chat.of("query");
      assert.deepEqual([query.sql, query.tool, query.limit_seconds], [statement, "query", 20]);
      const [rows] = chat.of("rows");
      assert.deepEqual([rows.columns, rows.rows.map(([name, total]) => [name, Number(total)])], [["customer", "total"], [["Ada", 35], ["Grace", 12]]]);
      const seen = JSON.parse(chat.text(2));
      assert.deepEqual([seen.columns, seen.rows, seen.row_count, seen.truncated], [rows.columns, rows.rows, 2, false]);
      const record = await recordOf(query);
      const [call] = chat.of("call");
      assert.deepEqual(
        [record.sql, record.user, record.model, record.chat_id, record.request_id, record.outcome, record.rows, record.round],
        [statement, "admin token", "far/sim:sql,tokens=2", chat.of("start")[0].chat_id, call.request_id, "success", 2, 1],
      );
    });

    test("the model looks around by itself, and a viewer may ask", async () => {
      await api.call("POST", "/api/users", { name: `vera-${kind}`, password: PASSWORD });
      const viewer = await logIn(gateway.url, `vera-${kind}`);
      const chat = await chatOf(viewer, ask("sim-sql", "What is in there?"));
      assert.deepEqual(chat.of("query").map((one) => one.tool), ["list_tables", "describe_table", "query"]);
      assert.equal(chat.last.event, "end", JSON.stringify(chat.last));
      assert.equal(Number(chat.of("rows").at(-1).rows[0][0]), 3);
      assert.equal((await recordOf(chat.of("query")[2])).user, `vera-${kind}`);
    });

    test("what changes something is refused, told to the model, and recorded", async () => {
      const chat = await chatOf(api, ask("far/sim:sql,tokens=1", sql("DELETE FROM orders", "SELECT count(*) FROM orders")));
      const [refused, counted] = chat.of("query_end");
      assert.equal(refused.outcome, "refused");
      assert.ok(refused.error);
      assert.equal(counted.outcome, "success");
      assert.equal(Number(chat.of("rows").at(-1).rows[0][0]), 3);
      const record = await recordOf(chat.of("query")[0]);
      assert.deepEqual([record.outcome, record.sql], ["refused", "DELETE FROM orders"]);
    });

    test("arguments that are none, and tools that do not exist, are told to the model", async () => {
      const blocks = ["```tool query\n{\"sql\": \"SELECT 1\n```", "```tool drop_table also\n{}\n```", sql("SELECT 1")].join("\n");
      const chat = await chatOf(api, ask("far/sim:sql,tokens=1", blocks));
      assert.deepEqual([chat.last.event, chat.last.data.rounds, chat.last.data.queries], ["end", 3, 1]);
    });

    test("the end of the request's time ends the query, and says so", async () => {
      const chat = await chatOf(api, ask("far/sim:sql,tokens=1", sql(ENDLESS[kind]), { limits: { request_seconds: 1 } }));
      assert.deepEqual([chat.last.event, chat.last.data.limit, chat.last.data.limit_seconds, chat.last.data.rounds, chat.last.data.queries], ["error", "total", 1, 1, 1]);
      const [end] = chat.of("query_end");
      assert.equal(end.outcome, "timeout");
      assert.equal((await recordOf(chat.of("query")[0])).outcome, "timeout");
    });

    test("Stop ends the query at once", async () => {
      const chat = await openChat(api, ask("far/sim:sql,tokens=1", sql(ENDLESS[kind])));
      const query = await chat.when("query");
      if (kind === "postgresql") await until("the statement runs", () => Number(psql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader' AND state = 'active'")), (count) => count > 0);
      const left = performance.now();
      chat.stop();
      const record = await until("its record is completed", () => recordOf(query), (one) => one.outcome !== "running");
      const ms = performance.now() - left;
      assert.equal(record.outcome, "cancelled");
      assert.ok(ms < CANCEL_MS_MAX, `${ms} ms`);
      if (kind === "postgresql") await until("no statement runs", () => Number(psql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader'")), (count) => count === 0);
    });

    test("Stop in a later call of the model ends that", async () => {
      const before = await simulator.stats();
      const chat = await openChat(api, ask("far/sim:sql,tokens=9,itl_ms=200", sql("SELECT 1", "SELECT 2")));
      await until("the second call", () => chat.of("call"), (calls) => calls.length === 2);
      await simulator.statsWhen((now) => now.open === 1);
      chat.stop();
      await simulator.statsWhen((now) => now.open === 0 && now.aborted === before.aborted + 1);
    });

    test("rounds are bounded", async () => {
      const chat = await chatOf(api, ask("far/sim:sql,tokens=1,rounds=99", sql("SELECT 1"), { limits: { rounds_max: 3 } }));
      assert.deepEqual([chat.last.data.limit, chat.last.data.rounds, chat.last.data.queries, chat.last.data.status], ["rounds", 3, 2, 422]);
    });

    test("the chain of the records is whole", async () => {
      const verified = await api.post("/api/queries/verify");
      assert.deepEqual([verified.ok, verified.problems], [true, []]);
      assert.ok(verified.checked >= 8);
    });
  });
}

describe("a data source", () => {
  test("that is not enabled is refused before the stream begins", async () => {
    const file = join(temporaryFolder(), "off.db");
    execFileSync("sqlite3", [file], { input: TABLES });
    const { id } = await api.post("/api/datasources", { name: "off", kind: "sqlite", file, enabled: false });
    const answer = await api.call("POST", "/api/chat", asking("sim-sql", "Hello", { data_source: id }));
    assert.equal(answer.status, 422);
    assert.match(answer.body.errors[0].message, /is not enabled/);
  });

  test("that is large gives what its bounds allow, and says so to the model", async () => {
    const file = join(temporaryFolder(), "large.db");
    execFileSync("sqlite3", [file], { input: TABLES });
    const { id } = await api.post("/api/datasources", { name: "large", kind: "sqlite", file, enabled: true, rows_max: 10 });
    const many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    const chat = await chatOf(api, asking("far/sim:sql,tokens=1", sql(many), { data_source: id }));
    const [end] = chat.of("query_end");
    assert.deepEqual([end.outcome, end.rows, end.truncated], ["success", 10, true]);
    const seen = JSON.parse(chat.text(2));
    assert.deepEqual([seen.rows.length, seen.truncated], [10, true]);
    assert.match(seen.note, /not all/);
  });
});
