// The figures of the dashboard, from the statistics. Pure. A figure that is not known is "–", never 0.

import type { Schemas } from "$api/client";
import { formatMilliseconds } from "$lib/duration";
import { formatCompact, formatShare } from "$lib/format";
import { href } from "$lib/router.svelte";
import { toSearch, type Filters } from "../requests/filters";
import { spanWords } from "../requests/volume";

type Statistics = Schemas["Statistics"];
type Totals = Schemas["Totals"];
type Latency = Schemas["Latency"];

export const WINDOWS = [
  { from: "1h", label: "1 h", words: "the last hour", before: "the hour before" },
  { from: "24h", label: "24 h", words: "the last 24 hours", before: "the 24 hours before" },
  { from: "7d", label: "7 d", words: "the last 7 days", before: "the 7 days before" },
] as const;
export type Window = (typeof WINDOWS)[number];
export const windowOf = (from: string | null): Window => WINDOWS.find((one) => one.from === from) ?? WINDOWS[1];

/** What the figures are of: one of the windows, or two moments. */
export interface Range {
  from: string;
  to: string;
  words: string;
  before: string;
}

const SPAN_MS_MIN = 60_000;

export function rangeOf(window: string | null, from: string | null, to: string | null): Range {
  const [first, last] = [Date.parse(from ?? ""), Date.parse(to ?? "")];
  if (!(first < last)) return { ...windowOf(window), to: "" };
  return {
    from: new Date(first).toISOString(),
    to: new Date(last).toISOString(),
    words: spanWords(first, last),
    before: "as long a time before",
  };
}

/** A chosen span as the address has it; never shorter than a minute. */
export function spanOf(first: number, last: number): { from: string; to: string } {
  const missing = Math.max(0, SPAN_MS_MIN - (last - first)) / 2;
  return { from: new Date(first - missing).toISOString(), to: new Date(last + missing).toISOString() };
}

export const requestsHref = (filters: Partial<Filters>): string => href(`/requests?${toSearch(filters)}`);

export interface Change {
  text: string;
  /** Whether it is for the better. */
  tone: "good" | "bad" | "neutral";
  direction: "up" | "down" | "same";
}

export interface Figure {
  name: string;
  value: string;
  note: string;
  change: Change | undefined;
  /** null: nothing was there to be measured. */
  series: (number | null)[];
  href: string;
}

export const outcomes = (totals: Pick<Totals, "outcomes">, ...names: string[]): number =>
  names.reduce((sum, name) => sum + ((totals.outcomes as Record<string, number | undefined>)[name] ?? 0), 0);

const share = (totals: Totals) => (totals.requests ? outcomes(totals, "success") / totals.requests : undefined);
const p99 = (latency: Latency) => latency.p99?.ms;

const changeOf = (delta: number, text: string, better: "up" | "down" | "neither"): Change => ({
  text,
  direction: delta > 0 ? "up" : delta < 0 ? "down" : "same",
  tone: delta === 0 || better === "neither" ? "neutral" : delta > 0 === (better === "up") ? "good" : "bad",
});

/** "12 %" more or less; undefined where there is nothing to compare with. */
export function relativeChange(
  now: number | undefined,
  before: number | undefined,
  better: "up" | "down" | "neither",
): Change | undefined {
  if (now === undefined || !before) return undefined;
  const percent = Math.round(((now - before) / before) * 100);
  const text = percent === 0 ? "same" : Math.abs(percent) > 999 ? "> 999 %" : `${Math.abs(percent)} %`;
  return changeOf(percent, text, better);
}

/** Of a share: in points of a percent. */
export function pointChange(now: number | undefined, before: number | undefined): Change | undefined {
  if (now === undefined || before === undefined) return undefined;
  const points = Math.round((now - before) * 1000) / 10;
  return changeOf(
    points,
    points === 0 ? "same" : `${Math.abs(points)} ${Math.abs(points) === 1 ? "point" : "points"}`,
    "up",
  );
}

const time = (latency: Latency, which: "p50" | "p99"): string => {
  const found = latency[which];
  return found ? `${found.at_least ? "≥ " : ""}${formatMilliseconds(found.ms)}` : "–";
};

/** Without statistics the same figures with `empty` as their values, so that nothing moves when they come. */
export function figuresOf(statistics: Statistics | undefined, empty: "–" | "N/A", range: Range): Figure[] {
  const { from, to } = range;
  const totals = statistics?.totals;
  const before = statistics?.before;
  const buckets = statistics?.buckets ?? [];
  const figure = (
    name: string,
    filters: Partial<Filters>,
    of: (now: Totals, then: Totals) => Pick<Figure, "value" | "note" | "change">,
    series: (bucket: Totals) => number | null | undefined,
  ): Figure => ({
    name,
    href: requestsHref({ ...filters, from, to }),
    ...(totals && before ? of(totals, before) : { value: empty, note: "", change: undefined }),
    series: buckets.map((bucket) => series(bucket) ?? null),
  });
  const slower = (latency: Latency | undefined): Partial<Filters> =>
    latency?.p99 ? { slower_than: String(Math.floor(latency.p99.ms) / 1000) } : {};
  const count = (name: string, better: "down", ...names: string[]) =>
    figure(
      name,
      { outcome: names },
      (now, then) => ({
        value: formatCompact(outcomes(now, ...names)),
        note: now.requests ? `${formatShare(outcomes(now, ...names) / now.requests)} of all` : "of none",
        change: relativeChange(outcomes(now, ...names), outcomes(then, ...names), better),
      }),
      (bucket) => outcomes(bucket, ...names),
    );
  return [
    figure(
      "Requests",
      {},
      (now, then) => ({
        value: formatCompact(now.requests),
        note: `${formatCompact(now.prompt_tokens + now.completion_tokens)} tokens`,
        change: relativeChange(now.requests, then.requests, "neither"),
      }),
      (bucket) => bucket.requests,
    ),
    figure(
      "Success",
      { outcome: ["success"] },
      (now, then) => ({
        value: share(now) === undefined ? "–" : formatShare(share(now) ?? 0),
        note:
          outcomes(now, "success") === 1 ? "1 request" : `${formatCompact(outcomes(now, "success"))} requests`,
        change: pointChange(share(now), share(then)),
      }),
      share,
    ),
    count("Timeouts", "down", "timeout"),
    count("Errors", "down", "error", "refused"),
    figure(
      "First token, p99",
      {},
      (now, then) => ({
        value: time(now.first_token, "p99"),
        note: `p50 ${time(now.first_token, "p50")}`,
        change: relativeChange(p99(now.first_token), p99(then.first_token), "down"),
      }),
      (bucket) => p99(bucket.first_token),
    ),
    figure(
      "Total time, p99",
      slower(totals?.duration),
      (now, then) => ({
        value: time(now.duration, "p99"),
        note: `p50 ${time(now.duration, "p50")}`,
        change: relativeChange(p99(now.duration), p99(then.duration), "down"),
      }),
      (bucket) => p99(bucket.duration),
    ),
    figure(
      "Tokens per second",
      { outcome: ["success"] },
      (now, then) => ({
        value:
          now.tokens_per_second === undefined
            ? "–"
            : formatCompact(Math.round(now.tokens_per_second * 10) / 10),
        note: "of generation",
        change: relativeChange(now.tokens_per_second, then.tokens_per_second, "up"),
      }),
      (bucket) => bucket.tokens_per_second,
    ),
  ];
}

/** "About 60 % of them would have finished by 3 min": a guess, and to be called one. */
export function estimateWords(estimate: Schemas["LimitEstimate"]): string {
  const tried = formatMilliseconds(estimate.tried_seconds * 1000);
  if (estimate.would_have_finished < 0.05) return `hardly any of them would have finished by ${tried} either`;
  return `about ${Math.round(estimate.would_have_finished * 100)} % of them would have finished by ${tried}`;
}

export interface Health {
  name: string;
  requests: number;
  timeouts: number;
  errors: number;
}

/** Of each provider, from counts of all, of the timeouts and of the errors. */
export function healthOf(
  all: Schemas["Facet"],
  timeouts: Schemas["Facet"],
  errors: Schemas["Facet"],
): Health[] {
  const count = (facet: Schemas["Facet"], name: string) =>
    facet.values.find((one) => one.value === name)?.count ?? 0;
  return all.values
    .filter(({ value }) => value !== "")
    .map(({ value, count: requests }) => ({
      name: value,
      requests,
      timeouts: count(timeouts, value),
      errors: count(errors, value),
    }));
}

export function verdictOf({ requests, timeouts, errors }: Health): {
  word: string;
  tone: "good" | "warn" | "bad";
  icon: "check" | "warning" | "cross";
} {
  const failed = requests ? (timeouts + errors) / requests : 0;
  if (failed >= 0.2) return { word: "many fail", tone: "bad", icon: "cross" };
  if (failed >= 0.01) return { word: "some fail", tone: "warn", icon: "warning" };
  return { word: "well", tone: "good", icon: "check" };
}
