// What is let go of the request log while the gateway runs: the oldest rows, and only those. The gateway looks once a
// minute, so that both gateways are waited for together.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { chat, entryWhen, startManaged } from "./support/management.mjs";
import { until } from "./support/until.mjs";

const LOGS = "/api/settings/logs";
const CLEANED_WITHIN_MS = 100_000;
const HOUR = 3_600_000_000;
const DAY = 24 * HOUR;
const MEBIBYTE = 1024 * 1024;

let byAge;
let bySize;
before(async () => {
  [byAge, bySize] = await Promise.all([startManaged(), startManaged()]);
});
after(() => Promise.all([byAge.stop(), bySize.stop()]));

/** Rows beside those of the gateway, which runs: {id, age, bytes, contentsAge}; ages in microseconds. */
function writeRows(gateway, rows) {
  const now = Date.now() * 1000;
  const statements = rows.map(({ id, age, bytes = 700, contentsAge }) => {
    const started = now - age;
    const document = JSON.stringify({ time: new Date(started / 1000).toISOString(), request_id: id, stream: false, status: 200, outcome: "success", duration_ms: 0.005, bytes_in: 1, bytes_out: 1 });
    const row = `INSERT INTO requests (started, ended, request_id, endpoint, provider, model, rule, status, outcome, limit_phase, limit_source,
      api_key, duration_us, bytes, document) VALUES (${started}, ${started + 5}, '${id}', 'chat', 'p', 'm', '', 200, 'success', '', '', '', 5, ${bytes}, '${document}');`;
    const contents = `INSERT INTO contents SELECT id, ${now - contentsAge}, 'prompt of ${id}', 'answer of ${id}' FROM requests WHERE request_id = '${id}';`;
    return contentsAge === undefined ? row : row + contents;
  });
  execFileSync("sqlite3", ["-cmd", ".timeout 10000", join(gateway.data, "punctual.db")], { input: `BEGIN IMMEDIATE;${statements.join("\n")}COMMIT;` });
}

const listed = async (gateway) => (await gateway.api.get("/api/requests?count=500")).requests.map((one) => one.request_id);
const without = (gateway, id) => until(`${id} to be deleted`, () => listed(gateway), (ids) => !ids.includes(id), CLEANED_WITHIN_MS);

describe("while both run", { concurrency: true }, () => {
  test("requests older than the setting go, by age; prompts and answers by an age of their own", async () => {
    await byAge.api.put(LOGS, { retention_days: 5, contents_days: 3 });
    writeRows(byAge, [
      { id: "of-last-month", age: 40 * DAY, contentsAge: HOUR },
      { id: "a-little-too-old", age: 5 * DAY + HOUR },
      { id: "just-young-enough", age: 5 * DAY - HOUR, contentsAge: 3 * DAY + HOUR },
      { id: "of-yesterday", age: DAY, contentsAge: 3 * DAY - HOUR },
    ]);
    await chat(byAge.url, "sim:tokens=1", { headers: { "X-Request-ID": "new" } });
    await entryWhen(byAge.api, (one) => one.request_id === "new");
    assert.equal((await listed(byAge)).length, 5);
    const before = await byAge.api.get("/api/requests/just-young-enough");
    assert.deepEqual([before.prompt, before.answer], ["prompt of just-young-enough", "answer of just-young-enough"]);

    await without(byAge, "a-little-too-old");
    assert.deepEqual(await listed(byAge), ["new", "of-yesterday", "just-young-enough"]);
    assert.equal((await byAge.api.call("GET", "/api/requests/of-last-month")).status, 404);
    const kept = await byAge.api.get("/api/requests/just-young-enough");
    assert.equal("prompt" in kept || "answer" in kept, false, "they were older than 3 days");
    assert.equal(kept.record.request_id, "just-young-enough");
    const young = await byAge.api.get("/api/requests/of-yesterday");
    assert.deepEqual([young.prompt, young.answer], ["prompt of of-yesterday", "answer of of-yesterday"]);
  });

  test("the oldest go until what is left is no more than the setting", async () => {
    const { retention_bytes: standard } = await bySize.api.get(LOGS);
    assert.equal((await bySize.api.put(LOGS, { retention_bytes: MEBIBYTE })).retention_bytes, MEBIBYTE);
    assert.ok(standard > MEBIBYTE);
    // Not in the order of their age.
    const ages = [7, 2, 9, 4, 1, 8, 3, 6, 5];
    writeRows(bySize, ages.map((hours) => ({ id: `hours-${hours}`, age: hours * HOUR, bytes: MEBIBYTE / 4 })));
    await chat(bySize.url, "sim:tokens=1", { headers: { "X-Request-ID": "new" } });
    await entryWhen(bySize.api, (one) => one.request_id === "new");
    assert.equal((await listed(bySize)).length, 10);

    await without(bySize, "hours-4");
    // Four would fit, but for the request that is new.
    assert.deepEqual(await listed(bySize), ["new", "hours-1", "hours-2", "hours-3"]);
    await chat(bySize.url, "sim:tokens=1", { headers: { "X-Request-ID": "newer" } });
    await entryWhen(bySize.api, (one) => one.request_id === "newer");
  });
});
