// Many rows of the request log, written straight into a database that no gateway has open.

import { execFileSync } from "node:child_process";
import { join } from "node:path";

// A day of requests, the last one a minute ago: of 50 one is cut, of 100 one is an error; documents as the
// gateway writes them.
const insert = (count, seconds) => `
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${count}),
row AS (SELECT i,
  CAST((unixepoch() - 60 - ${seconds}) * 1000000 + i * (${seconds} * 1000000.0 / ${count}) AS INTEGER) AS started,
  CASE WHEN i % 50 = 7 THEN 'timeout' WHEN i % 100 = 11 THEN 'error' WHEN i % 60 = 3 THEN 'cancelled' ELSE 'success' END AS outcome,
  CASE i % 5 WHEN 0 THEN 'gpt-5-mini' WHEN 1 THEN 'llama-3.3-70b' WHEN 2 THEN 'qwen3-32b' WHEN 3 THEN 'llama-3.3-70b' ELSE 'bge-m3' END AS model,
  CASE i % 5 WHEN 0 THEN 'openai' WHEN 2 THEN 'gpu-2' ELSE 'gpu-1' END AS provider,
  CASE i % 5 WHEN 4 THEN 'embeddings' ELSE 'chat' END AS endpoint,
  200000 + (i * 7919 % 4000) * 1000 + CASE WHEN i % 40 = 1 THEN 60000000 ELSE 0 END AS took FROM n),
whole AS (SELECT *, CASE outcome WHEN 'timeout' THEN 120000000 ELSE took END AS duration,
  CASE outcome WHEN 'timeout' THEN 504 WHEN 'error' THEN 502 WHEN 'cancelled' THEN 0 ELSE 200 END AS status FROM row)
INSERT INTO requests (started, ended, request_id, endpoint, provider, model, rule, status, outcome, limit_phase, limit_source,
  api_key, duration_us, first_token_us, prompt_tokens, completion_tokens, bytes, document)
SELECT started, started + duration, printf('req_%08d', i), endpoint, provider, model, '', status, outcome,
  CASE outcome WHEN 'timeout' THEN 'first_token' ELSE '' END,
  CASE outcome WHEN 'timeout' THEN 'stored timeouts.first_token_seconds' ELSE '' END, '',
  duration, CASE WHEN outcome = 'success' AND endpoint = 'chat' THEN took / 4 END, 400 + i % 900,
  CASE WHEN outcome = 'success' THEN 20 + i % 700 END, 700,
  json_patch(json_object('time', strftime('%Y-%m-%dT%H:%M:%fZ', started / 1000000.0, 'unixepoch'), 'request_id', printf('req_%08d', i),
    'endpoint', endpoint, 'path', '/v1/chat/completions', 'model', model, 'stream', json('true'), 'status', status, 'outcome', outcome,
    'ended_by', CASE outcome WHEN 'timeout' THEN 'gateway' WHEN 'cancelled' THEN 'client' ELSE 'upstream' END,
    'total_limit_seconds', 900, 'total_limit_source', 'default', 'receive_ms', 2.5, 'connect_ms', 12,
    'duration_ms', duration / 1000.0, 'prompt_tokens', 400 + i % 900, 'bytes_in', 1800, 'bytes_out', 5200, 'client', '10.0.0.12',
    'attempts', json_array(json_patch(json_object('provider', provider, 'model', model, 'outcome',
      CASE outcome WHEN 'error' THEN 'status' ELSE outcome END, 'reused_connection', json('false'), 'connect_ms', 12,
      'duration_ms', duration / 1000.0 - 5), CASE outcome WHEN 'success' THEN json_object('status', 200, 'first_token_ms', took / 4000.0) ELSE '{}' END))),
    CASE outcome WHEN 'timeout' THEN json_object('limit', 'first_token', 'limit_seconds', 120, 'limit_source', 'stored timeouts.first_token_seconds') ELSE '{}' END)
FROM whole;`;

/** Into the folder of a gateway that was started once and has stopped. */
export function writeRows(data, count, seconds = 86400) {
  execFileSync("sqlite3", [join(data, "punctual.db")], { input: insert(count, seconds) });
}
