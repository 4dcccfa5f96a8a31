import { describe, expect, test } from "vitest";
import { knownText, outlasting, rowsOf, summaryOf, verdictsOf, type Chain } from "./chain";
import { cutByTotal, effectText } from "./effect";
import { limitsText, titleOf } from "./fronts";
import { snippetFor } from "./snippets";
import { withStaged } from "./staging";

const layer = (id: string, seconds: number | null, more: Partial<Chain["layers"][number]> = {}) => ({
  id,
  name: id,
  seconds,
  counts: "once" as const,
  known: "set" as const,
  source: "default",
  ours: true,
  evidence: "",
  requests: "",
  ...more,
});
const nginx = layer("front:0:idle", 60, {
  name: "nginx",
  counts: "restarts",
  known: "assumed",
  source: "proxy_read_timeout",
  ours: false,
});
const chain = (more: Partial<Chain> = {}): Chain => ({
  endpoint: "chat",
  stream: true,
  layers: [nginx, layer("total", 900), layer("connect", 10), layer("first_token", null), layer("idle", 120)],
  heartbeat_seconds: 15,
  silent: { layer: "total", seconds: 900 },
  silent_midway: { layer: "idle", seconds: 120 },
  findings: [],
  ...more,
});

describe("the chain", () => {
  test("says of every layer what it does in a silence", () => {
    const rows = rowsOf(chain());
    expect(rows.map((row) => row.start.part)).toEqual(["fed", "first", "still", "none", "still"]);
    expect(rows.map((row) => row.midway?.part)).toEqual(["fed", "later", "still", "none", "first"]);
    expect(rows[0]?.start.text).toBe("kept open by a keep-alive every 15 s");
    expect(rows.map((row) => row.path)).toEqual([
      "#front-0",
      "/settings#chat_seconds",
      "/settings#connect_seconds",
      "/settings#first_token_seconds",
      "/settings#idle_seconds",
    ]);
  });

  test("without heartbeats a layer in front gives up first, and that is bad", () => {
    const broken = chain({
      stream: false,
      heartbeat_seconds: null,
      silent: { layer: "front:0:idle", seconds: 60 },
    });
    expect(verdictsOf(broken).map((one) => one.tone)).toEqual(["bad"]);
    expect(summaryOf(broken)).toContain("nginx gives up first, after 1 min");
    expect(rowsOf(broken)[0]?.midway).toBeUndefined();
    expect(verdictsOf(chain({ silent: { layer: null, seconds: null } }))[0]?.text).toContain("for ever");
  });

  test("what clients announce or do is outside of who gives up first", () => {
    const sent = layer("sent:wait", 600, { known: "sent", source: "x-stainless-timeout", ours: false });
    const learnt = layer("learnt:0", 60, {
      known: "learnt",
      ours: false,
      evidence: "25 clients hung up at about 60 s",
      requests: "endpoint=chat&outcome=cancelled",
    });
    const upstream = layer("upstream", 100, { name: "far, by itself", known: "declared", ours: false });
    const rows = rowsOf(chain({ layers: [sent, learnt, layer("total", 900), upstream] }));
    expect(rows.map((row) => row.start.part)).toEqual(["kept", "likely", "first", "later"]);
    expect(rows.map((row) => row.known)).toEqual([
      "sent: x-stainless-timeout",
      "learnt",
      "the default",
      "declared",
    ]);
    expect(rows.map((row) => row.path)).toEqual([
      "#fronts",
      "#fronts",
      "/settings#chat_seconds",
      "/settings#providers",
    ]);
    expect(rows[1]).toMatchObject({ likely: true, requests: "/requests?endpoint=chat&outcome=cancelled" });
    const first = { layer: "upstream", seconds: 100 };
    expect(verdictsOf(chain({ layers: [upstream], silent: first }))[0]).toMatchObject({ tone: "warn" });
    const probed = layer("probed:0", 30, { known: "probed", ours: false });
    expect(rowsOf(chain({ layers: [probed] }))[0]).toMatchObject({ known: "probed", path: "#fronts" });
  });

  test("a limit can be staged where it is ours and set for all", () => {
    const settings = (layers: Chain["layers"], more: Partial<Chain> = {}) =>
      rowsOf(chain({ layers, ...more })).map((row) => row.setting);
    expect(settings([nginx, layer("total", 900), layer("idle", 120)])).toEqual([
      undefined,
      "chat_seconds",
      "idle_seconds",
    ]);
    const of = (source: string) => settings([layer("idle", 120, { source })])[0];
    expect(["stored", "file idle_seconds", "default"].map(of)).toEqual(Array(3).fill("idle_seconds"));
    expect(["environment X", "rule gpt-*", "provider far: idle_seconds"].map(of)).toEqual(
      Array(3).fill(undefined),
    );
    expect(settings([layer("total", 300)], { endpoint: "chat_page" })).toEqual([undefined]);
    const [row] = rowsOf(chain({ layers: [layer("total", 900)] }));
    expect(withStaged(row!, 1200)).toMatchObject({ seconds: 1200, was: 900, limit: "20 min" });
    expect(withStaged(row!, 0)).toMatchObject({ seconds: null, was: 900, limit: "none", end: 1 });
  });

  test("says where a value comes from", () => {
    expect(knownText({ known: "set", source: "default" })).toBe("the default");
    expect(knownText({ known: "set", source: "rule gpt-*" })).toBe("by rule gpt-*");
    expect(knownText({ known: "set", source: "environment A_B" })).toBe("by the variable A_B");
    expect(knownText({ known: "set", source: "file chat_seconds" })).toBe("in the file");
    expect(knownText(nginx)).toBe("assumed: usual there");
  });

  test("leaves room in what is to be pasted", () => {
    expect(outlasting(900)).toBe(945);
    expect(outlasting(60)).toBe(75);
    expect(snippetFor("nginx", 945, "h:1")?.text).toContain("proxy_read_timeout 945s;");
    expect(snippetFor("alb", 8000, "h")?.text).toContain("Value=4000");
    expect(snippetFor("heroku", 945, "h")?.text).toBeUndefined();
    expect(snippetFor("other", 945, "h")).toBeUndefined();
  });
});

const kinds = [
  { kind: "nginx", title: "nginx", idle_seconds: 60, total_seconds: null, setting: "proxy_read_timeout" },
];

test("a layer in front in words", () => {
  expect(limitsText({ kind: "nginx" }, kinds)).toBe("1 min between two bytes, as usual there");
  expect(limitsText({ kind: "nginx", name: "edge", idle_seconds: 0, total_seconds: 300 }, kinds)).toBe(
    "nginx: no limit between two bytes · 5 min for the whole request",
  );
  expect(titleOf({ kind: "nginx", name: "edge" }, kinds)).toBe("edge");
});

test("only the limit that is set counts as the one in force", () => {
  const of = (limit: string, limit_source: string) => ({ limit, limit_source, count: 2 });
  expect(
    cutByTotal([of("total", "stored"), of("total", "header X-Request-Timeout"), of("idle", "default")]),
  ).toBe(2);
});

test("what another limit would do, in a sentence", () => {
  const effect = { proposed: 600, current: 900, requests: 9840, longer: 312, cut: 1 };
  expect(effectText(effect)).toBe(
    "A limit of 10 min would have cut 312 of 9,840 requests. 1 was cut by the limit in force.",
  );
  expect(effectText({ ...effect, proposed: 900 })).toContain(
    "is the limit in force: of 9,840 requests it has cut 1.",
  );
  expect(effectText({ ...effect, proposed: 1200, longer: 0 })).toContain("might have come to their end");
  expect(effectText({ ...effect, requests: 0 })).toContain("No such request");
});
