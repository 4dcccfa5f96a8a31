import { describe, expect, test } from "vitest";
import {
  countFilters,
  matches,
  momentOf,
  noFilters,
  queryChanges,
  readFilters,
  toQuery,
  toSearch,
} from "./filters";
import type { Entry } from "./filters";
import { merged, newestFirst, reaches, withLive } from "./merge";
import { layOut, ticks } from "./waterfall";
import { attemptLine, ordinal, queueWords, resultOf, resultWord, sourceWords, upstreamWords } from "./words";

const entry = (id: number, time: string, more: Partial<Entry> = {}): Entry => ({
  id,
  time: `2026-01-31T12:00:${time}Z`,
  ended: `2026-01-31T12:00:${time}Z`,
  status: 200,
  duration_ms: 100,
  outcome: "success",
  model: "llama",
  ...more,
});

describe("filters", () => {
  test("go from the address and back", () => {
    const search = "model=a&model=b%26c&outcome=timeout&q=x+y&slower_than=2s&from=1h";
    const filters = readFilters(new URLSearchParams(`${search}&request=12&model=a&provider=`));
    expect(filters.model).toEqual(["a", "b&c"]);
    expect(toSearch(filters)).toBe(search);
    expect(readFilters(new URLSearchParams(toSearch(filters)))).toEqual(filters);
    expect(countFilters(filters)).toBe(5);
    expect(toQuery(filters)).toEqual({
      model: ["a", "b&c"],
      outcome: ["timeout"],
      q: "x y",
      slower_than: "2s",
      from: "1h",
    });
    expect(queryChanges(noFilters()).model).toBeNull();
  });

  test("decide as the gateway does", () => {
    const now = Date.parse("2026-01-31T12:30:00Z");
    const holds = (search: string, one: Entry) => matches(one, readFilters(new URLSearchParams(search)), now);
    const cut = entry(1, "00", { outcome: "timeout", limit: "idle", status: 504, request_id: "req_1" });
    expect(holds("", cut)).toBe(true);
    expect(holds("outcome=error&outcome=timeout&limit=idle", cut)).toBe(true);
    expect(holds("limit=none", cut)).toBe(false);
    expect(holds("limit=none", entry(2, "00"))).toBe(true);
    expect(holds("status=5xx", cut)).toBe(true);
    expect(holds("status=503", cut)).toBe(false);
    expect(holds("q=LLA", cut)).toBe(true);
    expect(holds("q=req_1", cut)).toBe(true);
    expect(holds("q=req_", cut)).toBe(false);
    expect(holds("slower_than=0.1", cut)).toBe(false);
    expect(holds("slower_than=99ms", cut)).toBe(true);
    expect(holds("faster_than=99ms", cut)).toBe(false);
    expect(holds("faster_than=1", cut)).toBe(true);
    expect(holds("rule=other-*", cut)).toBe(false);
    expect(holds("from=1h", cut)).toBe(true);
    expect(holds("from=15m", cut)).toBe(false);
    expect(holds("to=2026-01-31T12:00:00Z", cut)).toBe(false);
  });

  test("moments are dates or how long ago", () => {
    expect(momentOf("15m", 1_000_000)).toBe(100_000);
    expect(momentOf("2026-01-31T00:00:00Z", 0)).toBe(Date.parse("2026-01-31T00:00:00Z"));
    expect(momentOf("soon", 0)).toBeNull();
  });
});

describe("the list", () => {
  const ids = (list: Entry[]) => list.map((one) => one.id);

  test("is ordered by beginning, whatever the digits", () => {
    expect(newestFirst(entry(1, "01.500"), entry(2, "01.500123"))).toBeGreaterThan(0);
    expect(newestFirst(entry(1, "01.500"), entry(2, "01.5"))).toBeGreaterThan(0);
    expect(newestFirst(entry(9, "02"), entry(10, "01.999999"))).toBeLessThan(0);
  });

  test("takes pages and events without gap or double", () => {
    const page = [entry(5, "05"), entry(4, "04")];
    const live = withLive(page, [entry(6, "06"), entry(5, "05")], false);
    expect(ids(live)).toEqual([6, 5, 4]);
    // One that took long: it began between two that are there.
    expect(ids(withLive(live, [entry(8, "04.5"), entry(7, "07")], false))).toEqual([7, 6, 5, 8, 4]);
    // Older than what is loaded: its page will bring it, once.
    const below = withLive(live, [entry(9, "01")], false);
    expect(ids(below)).toEqual([6, 5, 4]);
    expect(ids(merged(below, [entry(3, "03"), entry(9, "01")]))).toEqual([6, 5, 4, 3, 9]);
    expect(ids(withLive(live, [entry(9, "01")], true))).toEqual([6, 5, 4, 9]);
    expect(merged(page, page)).toBe(page);
  });

  test("knows when something between is missing", () => {
    const list = [entry(5, "05"), entry(4, "04")];
    expect(reaches(list, [entry(7, "07"), entry(6, "06")], false)).toBe(false);
    expect(reaches(list, [entry(7, "07"), entry(5, "05")], false)).toBe(true);
    expect(reaches(list, [entry(7, "07")], true)).toBe(true);
    expect(reaches([], [entry(7, "07")], false)).toBe(true);
  });
});

const base = { time: "", stream: true, status: 200, bytes_in: 1, bytes_out: 1, outcome: "success" as const };

describe("the waterfall", () => {
  test("of one attempt", () => {
    const { tracks, hairlines, span } = layOut({
      ...base,
      duration_ms: 1000,
      receive_ms: 10,
      first_token_ms: 420,
      total_limit_seconds: 900,
      attempts: [
        {
          provider: "a",
          outcome: "success",
          reused_connection: false,
          connect_ms: 5,
          first_token_ms: 400,
          duration_ms: 975,
        },
      ],
    });
    expect(hairlines).toEqual([]);
    expect(span).toBeCloseTo(1020);
    expect(tracks.flatMap((track) => track.bars).map((bar) => [bar.label, bar.from, bar.to])).toEqual([
      ["Receive", 0, 10],
      ["Connect", 20, 25],
      ["First token", 25, 420],
      ["Answer", 420, 995],
    ]);
  });

  test("of two attempts, the second cut while it waited", () => {
    const { tracks, hairlines } = layOut({
      ...base,
      outcome: "timeout",
      limit: "total",
      limit_seconds: 1,
      duration_ms: 1001,
      receive_ms: 1,
      attempts: [
        { provider: "a", outcome: "refused", reused_connection: false, duration_ms: 2 },
        { provider: "b", outcome: "timeout", reused_connection: true, duration_ms: 900 },
      ],
    });
    expect(hairlines).toEqual([{ at: 1000, label: "total", fired: true }]);
    expect(tracks.map((track) => track.title)).toEqual(["", "Attempt 1: a", "Attempt 2: b"]);
    expect(tracks[1]?.bars).toEqual([{ label: "Connect", kind: "connect", from: 1, to: 3, cut: true }]);
    expect(tracks[2]?.bars.at(-1)).toEqual({
      label: "First token",
      kind: "first_token",
      from: 101,
      to: 1001,
      cut: true,
    });
  });

  test("has the queue as a step of its own, and nothing of what was not asked", () => {
    const { tracks } = layOut({
      ...base,
      duration_ms: 3000,
      receive_ms: 0,
      queue_ms: 1200,
      first_token_ms: 1500,
      attempts: [
        { provider: "a", outcome: "skipped", reused_connection: false, duration_ms: 0 },
        { provider: "b", outcome: "busy", reused_connection: false, duration_ms: 200 },
        {
          provider: "c",
          outcome: "success",
          reused_connection: false,
          connect_ms: 10,
          first_token_ms: 1300,
          duration_ms: 2800,
        },
      ],
    });
    expect(tracks.map((track) => track.title)).toEqual(["", "Attempt 2: b", "Attempt 3: c"]);
    expect(tracks[1]?.bars).toEqual([{ label: "Queue", kind: "queue", from: 0, to: 200, cut: true }]);
    expect(tracks[2]?.bars.map((bar) => [bar.label, bar.from, bar.to])).toEqual([
      ["Queue", 200, 1200],
      ["Connect", 1200, 1210],
      ["First token", 1210, 1500],
      ["Answer", 1500, 3000],
    ]);
  });

  test("of one that was cut while it waited in the queue", () => {
    const { tracks, hairlines } = layOut({
      ...base,
      outcome: "timeout",
      limit: "queue",
      limit_seconds: 2,
      duration_ms: 2001,
      receive_ms: 0,
      queue_ms: 2000,
      attempts: [{ provider: "a", outcome: "timeout", reused_connection: false, duration_ms: 2000 }],
    });
    expect(tracks.at(-1)?.bars.map((bar) => [bar.label, bar.cut])).toEqual([["Queue", true]]);
    expect(hairlines).toEqual([{ at: 2001, label: "queue", fired: true }]);
  });

  test("has round marks", () => {
    expect(ticks(1020)).toEqual([0, 500]);
    expect(ticks(4100)).toEqual([0, 2000]);
    expect(ticks(120_000)).toEqual([0, 30_000, 60_000, 90_000]);
    expect(ticks(122_400)).toEqual([0, 60_000]);
  });
});

describe("words", () => {
  test("say which limit, its value, where it was set, and what the upstream had done", () => {
    const result = resultOf({
      ...base,
      outcome: "timeout",
      status: 504,
      limit: "first_token",
      limit_seconds: 120,
      limit_source: "stored timeouts.first_token_seconds",
      duration_ms: 120_004,
      attempts: [{ provider: "gpu-1", outcome: "timeout", reused_connection: true, duration_ms: 120_000 }],
    });
    expect(result.title).toBe("First token limit fired at 2 min");
    expect(result.lines).toEqual([
      "The limit of 2 min is set in the settings (timeouts.first_token_seconds).",
      "The upstream gpu-1 had accepted the request, but had not answered at all.",
      "The client was sent 504.",
    ]);
  });

  test("do not guess", () => {
    expect(sourceWords(undefined)).toBe("where it was set is not known");
    expect(sourceWords("default")).toBe("which is the default");
    expect(upstreamWords([])).toBe("No upstream had been called yet.");
    expect(resultWord(entry(1, "00", { outcome: "error", status: 502 }))).toBe("error: 502");
    expect(resultWord(entry(1, "00", { outcome: "timeout", limit: "idle" }))).toBe("timeout: idle");
  });

  test("tell the place in the line and about how long", () => {
    expect([1, 2, 3, 4, 11, 12, 13, 21, 112, 123].map(ordinal)).toEqual(
      ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th", "123rd"], // prettier-ignore
    );
    expect(queueWords({ phase: "queue", queue_place: 2, queue_forecast_ms: 12_300 })).toBe(
      "3rd in line, about 12 s",
    );
    expect(queueWords({ phase: "queue", queue_place: 0, queue_forecast_ms: 5 })).toBe("1st in line, about 1 s");
    expect(queueWords({ phase: "queue", queue_place: 0, queue_forecast_ms: null })).toBe("1st in line");
    expect(queueWords({ phase: "answer", queue_place: null, queue_forecast_ms: null })).toBe("");
  });

  test("tell what became of each attempt", () => {
    const none = { reused_connection: false, duration_ms: 0 };
    expect(attemptLine({ ...none, outcome: "skipped" })).toBe("not asked: left alone after failures");
    expect(attemptLine({ ...none, outcome: "busy", duration_ms: 250 })).toBe(
      "not asked: all its places were taken, after 250 ms",
    );
    expect(attemptLine({ ...none, outcome: "status", status: 502, duration_ms: 30 })).toBe(
      "answered with an error, status 502, 30 ms, new connection",
    );
    expect(upstreamWords([{ ...none, provider: "a", outcome: "untranslatable" }])).toBe(
      "The upstream a was not called: the request cannot be said in its format.",
    );
  });
});
