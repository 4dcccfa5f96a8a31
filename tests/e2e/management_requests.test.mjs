// The request log: what is recorded, found, listed page by page, counted and exported.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { provider } from "./support/gateway.mjs";
import { chat, entryWhen, startManaged } from "./support/management.mjs";
import { timed, until } from "./support/until.mjs";

const LIST = "/api/requests";
const FORMULA = '=HYPERLINK("http://evil.example";"look")';

let gateway;
let api;
before(async () => {
  gateway = await startManaged({
    threads: 2,
    config: provider("gone", "http://127.0.0.1:9/v1") + provider("other", "http://127.0.0.1:9/v1") + '[[rules]]\npriority = 1\nmatch = "exact"\npattern = "second"\ntargets = [{ provider = "gone" }, { provider = "sim", model = "sim:tokens=2" }]\n',
  });
  api = gateway.api;
  await chat(gateway.url, "sim:tokens=3", { headers: { "X-Request-ID": "good-one" } });
  await chat(gateway.url, "second", { headers: { "X-Request-ID": "fell-back" } });
  await chat(gateway.url, "sim:never", { headers: { "X-Request-ID": "too-late", "X-Request-Timeout": "0.2" } });
  await chat(gateway.url, "no such model", { headers: { "X-Request-ID": "nowhere" } });
  await chat(gateway.url, FORMULA, { headers: { "X-Request-ID": "formula" } });
  await until("all entries", async () => (await api.get(LIST)).requests, (all) => all.length === 5);
});
after(() => gateway.stop());

const ids = async (query) => (await api.get(`${LIST}?${query}`)).requests.map((one) => one.request_id);

describe("a record", () => {
  test("has its phases and attempts", async () => {
    const detail = await api.get(`${LIST}/fell-back`);
    assert.deepEqual([detail.state, detail.status, detail.outcome, detail.provider, detail.rule, detail.model], ["ended", 200, "success", "sim", "second", "second"]);
    assert.deepEqual(detail.record.attempts.map((attempt) => [attempt.provider, attempt.outcome]), [["gone", "refused"], ["sim", "success"]]);
    assert.ok(detail.record.duration_ms > 0);
    assert.equal(detail.completion_tokens, 2);
    assert.deepEqual(await api.get(`${LIST}/${detail.id}`), detail);
    assert.equal("prompt" in detail, false);
    assert.equal((await api.call("GET", `${LIST}/never-was`)).status, 404);
  });

  test("of one that was too late says which limit, and whose", async () => {
    const detail = await api.get(`${LIST}/too-late`);
    assert.deepEqual([detail.outcome, detail.status, detail.limit, detail.limit_source, detail.record.limit_seconds], ["timeout", 504, "total", "request X-Request-Timeout", 0.2]);
    assert.ok(detail.duration_ms >= 200);
  });
});

describe("a filter", () => {
  const cases = {
    "model=second": ["fell-back"],
    "model=second&model=sim:tokens%3D3": ["fell-back", "good-one"],
    "endpoint=embeddings": [],
    "provider=sim&status=2xx": ["fell-back", "good-one"],
    "status=504": ["too-late"],
    "status=4xx": ["formula", "nowhere"],
    "outcome=timeout": ["too-late"],
    "limit=total": ["too-late"],
    "limit=none&outcome=success": ["fell-back", "good-one"],
    "q=good-one": ["good-one"],
    "q=such+mod": ["nowhere"],
    "slower_than=150ms": ["too-late"],
    "from=1h": ["formula", "nowhere", "too-late", "fell-back", "good-one"],
    "to=1h": [],
    "key=nobody": [],
  };
  for (const [query, expected] of Object.entries(cases)) test(query, async () => assert.deepEqual((await ids(query)).sort(), expected.sort()));

  for (const query of ["status=9xx", "outcome=good", "limit=never", "from=yesterday", "from=1h&to=2h", "slower_than=soon", "model=", "color=red", "count=0", "count=501", "older_than=x", "a=%zz"]) {
    test(`${query} is refused by its name`, async () => {
      const answer = await api.call("GET", `${LIST}?${query}`);
      assert.equal(answer.status, 400);
      assert.equal(answer.body.errors[0].field, query.split("=")[0] === "from" ? "from" : query.split("=")[0]);
    });
  }
});

describe("pages", () => {
  test("stand still while requests arrive, and the new ones come first", async () => {
    for (let i = 0; i < 40; ++i) await chat(gateway.url, "sim:tokens=1", { headers: { "X-Request-ID": `page-${i}` } });
    await entryWhen(api, (one) => one.request_id === "page-39");
    const expected = await ids("count=500");
    let arriving = true;
    const arrivals = (async () => {
      for (let i = 0; arriving; ++i) await chat(gateway.url, "sim:tokens=1", { headers: { "X-Request-ID": `later-${i}` } });
    })();
    const first = await api.get(`${LIST}?count=7&model=sim:tokens%3D1&model=second`);
    const seen = [];
    for (let page = first; ; page = await api.get(`${LIST}?count=7&model=sim:tokens%3D1&model=second&older_than=${page.older}`)) {
      seen.push(...page.requests.map((one) => one.request_id));
      if (!page.older) break;
    }
    const wanted = expected.filter((id) => id.startsWith("page-") || id === "fell-back");
    assert.deepEqual(seen.filter((id) => !id.startsWith("later-")), wanted);
    await until("newer ones", () => api.get(`${LIST}?newer_than=${first.newer}`), ({ requests }) => requests.length > 3);
    arriving = false;
    await arrivals;
    const newer = [];
    for (let cursor = first.newer, more = true; more; ) {
      const page = await api.get(`${LIST}?newer_than=${cursor}&count=3`);
      newer.unshift(...page.requests.map((one) => one.request_id));
      [cursor, more] = [page.newer, page.more_newer];
    }
    const all = [...newer, ...seen];
    assert.equal(new Set(all).size, all.length, "nothing twice");
    assert.ok(newer.every((id) => id.startsWith("later-")));
  });
});

describe("figures", () => {
  test("facets: each without its own condition", async () => {
    const facets = await api.get(`${LIST}/facets?outcome=timeout`);
    assert.deepEqual(facets.model.values, [{ value: "sim:never", count: 1 }]);
    const outcomes = Object.fromEntries(facets.outcome.values.map(({ value, count }) => [value, count]));
    assert.deepEqual([outcomes.timeout, outcomes.success > 40, facets.outcome.complete, facets.outcome.more_values], [1, true, true, false]);
    assert.deepEqual(facets.limit.values, [{ value: "total", count: 1 }]);
  });

  test("volume", async () => {
    const volume = await api.get(`${LIST}/volume?from=10m&buckets=5&limit=total`);
    assert.equal(volume.buckets.length, 5);
    assert.equal(volume.buckets.reduce((sum, { outcomes }) => sum + (outcomes.timeout ?? 0), 0), 1);
    assert.ok(Math.abs(volume.bucket_seconds - 120) < 1);
    assert.equal((await api.call("GET", `${LIST}/volume?buckets=501`)).status, 400);
  });

  test("statistics", async () => {
    const all = await api.get("/api/stats?buckets=3");
    assert.equal(all.complete, true);
    assert.equal(all.buckets.length, 3);
    assert.equal(all.totals.outcomes.timeout, 1);
    assert.equal(all.before.requests, 0);
    assert.deepEqual([all.timeouts[0].limit, all.timeouts[0].limit_source, all.timeouts[0].count], ["total", "request X-Request-Timeout", 1]);
    assert.equal(all.slowest[0].request_id, "too-late");
    assert.ok(all.failures.some((one) => one.request_id === "too-late"));
    const one = await api.get("/api/stats?model=second");
    assert.deepEqual([one.totals.requests, one.totals.completion_tokens, one.groups.map((group) => group.model)], [1, 2, ["second"]]);
    assert.equal(one.totals.duration.p50.at_least, false);
  });
});

describe("an export", () => {
  test("as CSV: what a spreadsheet would run is only text", async () => {
    const { headers, text } = await api.call("GET", `${LIST}/export?status=4xx`);
    assert.match(headers["content-disposition"], /attachment; filename="requests\.csv"/);
    const lines = text.split("\r\n");
    assert.match(lines[0], /^id,time,ended,request_id,endpoint,/);
    assert.deepEqual([lines.length, lines.at(-1)], [4, ""]);
    const line = lines.find((one) => one.includes("formula"));
    assert.ok(line.includes(`"'${FORMULA.replaceAll('"', '""')}"`), line);
    assert.ok(!/(^|,)"?[=+@]/.test(line), line);
  });

  test("as JSON Lines: the records", async () => {
    const { text } = await api.call("GET", `${LIST}/export?format=jsonl`);
    const records = text.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(records.slice(0, 5).map((record) => record.request_id), ["good-one", "fell-back", "too-late", "nowhere", "formula"]);
    assert.equal(records[1].attempts.length, 2);
    assert.equal((await api.call("GET", `${LIST}/export?format=xml`)).status, 400);
  });

  test("of many is whole", async () => {
    const expected = (await ids("count=500")).length;
    const { value, ms } = await timed(() => api.call("GET", `${LIST}/export`));
    // Records of the requests before may still arrive between the two.
    const rows = value.text.split("\r\n").slice(1, -1).map((line) => line.slice(0, line.indexOf(",")));
    assert.ok(rows.length >= expected, `${rows.length} of ${expected}`);
    assert.equal(new Set(rows).size, rows.length);
    assert.ok(ms < 5000);
  });
});

describe("what is kept", () => {
  test("is a setting, with ranges", async () => {
    const logs = await api.get("/api/settings/logs");
    assert.equal(logs.contents, false);
    for (const [body, field] of [[{ retention_days: 0 }, "retention_days"], [{ retention_bytes: 1 }, "retention_bytes"], [{ contents: 1 }, "contents"], [{ contents_days: 1.5 }, "contents_days"], [{ days: 1 }, "days"]]) {
      const answer = await api.call("PUT", "/api/settings/logs", body);
      assert.deepEqual([answer.status, answer.body.errors[0].field], [422, field]);
    }
    assert.equal((await api.put("/api/settings/logs", { retention_days: 7 })).retention_days, 7);
    assert.equal((await api.put("/api/settings/logs", { retention_days: null })).retention_days, logs.retention_days);
  });
});
