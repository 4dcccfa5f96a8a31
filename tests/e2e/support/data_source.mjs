// Databases for data sources: a SQLite file, and in a PostgreSQL server a role that may only read.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

import { temporaryFolder } from "./gateway.mjs";

function run(program, parameters, input) {
  const result = spawnSync(program, parameters, { input, encoding: "utf8", timeout: 60_000 });
  assert.equal(result.status, 0, `${program}: ${result.error?.message ?? result.stderr}`);
  return result.stdout.trim();
}

/** Runs SQL on a file, with every right; resolves to what it prints. */
export const sqlite = (file, sql) => run("sqlite3", ["-bail", file], sql);
/** Runs SQL on a server, with every right. */
export const postgresql = (url, sql) => run("psql", ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", url], sql);

/** A file with the tables orders (3 rows) and many (5000 rows). */
export function sqliteFile() {
  const file = join(temporaryFolder(), "orders.db");
  sqlite(
    file,
    `CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL, price REAL);
     INSERT INTO orders VALUES (1, 'pen', 2.5), (2, 'ink', 10), (3, 'paper', 4);
     CREATE TABLE many (n INTEGER);
     WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 5000) INSERT INTO many SELECT n FROM c;`,
  );
  return file;
}

/** The same tables in a schema `shop`, and the role `reader`, as docs/data-sources.md makes it. The members of a source. */
export function postgresqlSource(database) {
  postgresql(
    database.url,
    `CREATE SCHEMA shop;
     CREATE TABLE shop.orders (id bigint PRIMARY KEY, item text NOT NULL, price numeric);
     INSERT INTO shop.orders VALUES (1, 'pen', 2.5), (2, 'ink', 10), (3, 'paper', 4);
     CREATE TABLE shop.many AS SELECT n FROM generate_series(1, 5000) AS n;
     CREATE ROLE reader LOGIN PASSWORD 'canary-password-4711';
     GRANT USAGE ON SCHEMA shop TO reader;
     GRANT SELECT ON ALL TABLES IN SCHEMA shop TO reader;
     ALTER ROLE reader SET search_path = shop;`,
  );
  const { pathname, searchParams } = new URL(database.url.replace("postgresql://postgres@/", "http://localhost/"));
  return { kind: "postgresql", host: searchParams.get("host"), database: pathname.slice(1), user: "reader", password: "canary-password-4711", tls: "disable" };
}
