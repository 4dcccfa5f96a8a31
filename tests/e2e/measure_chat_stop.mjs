// How long after Stop in a chat its work has ended: node tests/e2e/measure_chat_stop.mjs [TIMES]
//
// From before the client closes its connection until the record says that it ended: the request log's for the
// model's call, the record of the query for SQL. All on one machine, so that the clocks are one.

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { asking, openChat } from "./support/chats.mjs";
import { provider, startSimulator, temporaryFolder } from "./support/gateway.mjs";
import { entryWhen, startManaged } from "./support/management.mjs";
import { hasPostgresql, startPostgresql } from "./support/postgresql.mjs";
import { until } from "./support/until.mjs";

const WELL_INTO_IT_MS = 50;
const times = Number(process.argv[2] ?? 20);
const simulator = await startSimulator();
const gateway = await startManaged({ config: provider("far", `${simulator.url}/v1`) });
const { api } = gateway;

const sources = {};
const file = join(temporaryFolder(), "empty.db");
execFileSync("sqlite3", [file], { input: "CREATE TABLE t (i INTEGER);" });
sources.SQLite = { data_source: (await api.post("/api/datasources", { name: "lite", kind: "sqlite", file, enabled: true })).id, one: "1" };
const postgresql = hasPostgresql ? startPostgresql() : undefined;
if (postgresql) {
  const host = new URL(postgresql.url.replace("postgresql://postgres@/", "http://x/")).searchParams.get("host");
  execFileSync("psql", ["-h", host, "-U", "postgres", "-d", "postgres", "-q"], { input: "CREATE ROLE reader LOGIN;" });
  const source = { name: "big", kind: "postgresql", host, port: 5432, database: "postgres", user: "reader", tls: "disable", enabled: true };
  sources.PostgreSQL = { data_source: (await api.post("/api/datasources", source)).id, one: "1::bigint" };
}

// Milliseconds with parts: RFC 3339 has more digits than Date reads.
const moment = (text) => Date.parse(`${text.slice(0, 19)}Z`) + Number(`0.${/\.(\d+)/.exec(text)?.[1] ?? 0}`) * 1000;
const now = () => performance.timeOrigin + performance.now();
function tell(what, samples) {
  const sorted = samples.sort((a, b) => a - b);
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))].toFixed(2);
  console.log(`${what}: p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, most ${at(1)} ms (${sorted.length} times)`);
}

const calls = [];
for (let i = 0; i < times; ++i) {
  const chat = await openChat(api, asking("far/sim:tokens=9,hang_after=4", "Hello"));
  const { request_id: id } = await chat.when("call");
  await until("four tokens", () => chat.of("delta"), (all) => all.length === 4);
  const left = now();
  chat.stop();
  const { ended } = await entryWhen(api, (one) => one.request_id === id);
  calls.push(moment(ended) - left);
}
tell("the model's call", calls);

for (const [name, { data_source, one }] of Object.entries(sources)) {
  const endless = `WITH RECURSIVE n(i) AS (SELECT ${one} UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n`;
  const samples = [];
  for (let i = 0; i < times; ++i) {
    const chat = await openChat(api, asking("sim:sql,tokens=1", `\`\`\`sql\n${endless}\n\`\`\``, { data_source }));
    const { id } = await chat.when("query");
    await delay(WELL_INTO_IT_MS);
    const left = now();
    chat.stop();
    const record = await until("its record", () => api.get(`/api/queries/${id}`), (one) => one.outcome !== "running");
    if (record.outcome !== "cancelled") throw new Error(`${record.outcome}: ${record.error}`);
    samples.push(moment(record.finished_at) - left);
  }
  tell(`${name}, an endless query`, samples);
}

await Promise.all([gateway.stop(), simulator.stop()]);
postgresql?.end();
