// Which requests are shown: in the address of the page, in queries of the API, and for events as they come.

import { parseDuration } from "$lib/duration";
import type { Schemas } from "$api/client";

export type Entry = Schemas["RequestEntry"];

/** Values of one are alternatives; all that are given must be met. */
export const LISTS = ["model", "endpoint", "provider", "rule", "outcome", "limit", "status", "key"] as const;
export const TEXTS = ["q", "slower_than", "faster_than", "from", "to"] as const;
export type ListName = (typeof LISTS)[number];
export type TextName = (typeof TEXTS)[number];
export type Filters = Record<ListName, string[]> & Record<TextName, string>;

export const noFilters = (): Filters => ({
  model: [],
  endpoint: [],
  provider: [],
  rule: [],
  outcome: [],
  limit: [],
  status: [],
  key: [],
  q: "",
  slower_than: "",
  faster_than: "",
  from: "",
  to: "",
});

/** Empty and repeated values are left out. */
export function readFilters(query: URLSearchParams): Filters {
  const filters = noFilters();
  for (const name of LISTS) filters[name] = [...new Set(query.getAll(name).filter((value) => value !== ""))];
  for (const name of TEXTS) filters[name] = query.get(name)?.trim() ?? "";
  return filters;
}

/** For the address and for the API alike: only what is set. */
export function toQuery(filters: Filters): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = {};
  for (const name of LISTS) if (filters[name].length) query[name] = filters[name];
  for (const name of TEXTS) if (filters[name]) query[name] = filters[name];
  return query;
}

/** "model=a&model=b&from=1h"; empty without filters. */
export function toSearch(filters: Partial<Filters>): string {
  const search = new URLSearchParams();
  for (const name of LISTS) for (const value of filters[name] ?? []) search.append(name, value);
  for (const name of TEXTS) if (filters[name]) search.append(name, filters[name]);
  return search.toString();
}

/** What changes the address when it is to hold these: null takes a parameter away. */
export function queryChanges(filters: Filters): Record<string, string | string[] | null> {
  const changes: Record<string, string | string[] | null> = {};
  for (const name of LISTS) changes[name] = filters[name].length ? filters[name] : null;
  for (const name of TEXTS) changes[name] = filters[name] || null;
  return changes;
}

/** How many of them are set; the range counts as one. */
export const countFilters = (filters: Filters): number =>
  LISTS.filter((name) => filters[name].length).length +
  (filters.q ? 1 : 0) +
  (filters.slower_than || filters.faster_than ? 1 : 0) +
  (filters.from || filters.to ? 1 : 0);

export const sameFilters = (a: Filters, b: Filters): boolean => toSearch(a) === toSearch(b);

/** "1h" before `now`, or a moment: milliseconds. null: neither. */
export function momentOf(text: string, now: number): number | null {
  if (/^\d{4}-/.test(text)) {
    const moment = Date.parse(text);
    return Number.isNaN(moment) ? null : moment;
  }
  const seconds = parseDuration(text);
  return seconds === null ? null : now - seconds * 1000;
}

const statusMatches = (wanted: string, status: number): boolean =>
  /^\dxx$/.test(wanted) ? Math.floor(status / 100) === Number(wanted[0]) : Number(wanted) === status;

const among = (wanted: string[], value: string | undefined, none = ""): boolean =>
  !wanted.length || wanted.includes(value || none);

/** As the gateway would decide for its list. */
export function matches(entry: Entry, filters: Filters, now: number): boolean {
  if (!among(filters.model, entry.model) || !among(filters.endpoint, entry.endpoint)) return false;
  if (!among(filters.provider, entry.provider) || !among(filters.outcome, entry.outcome)) return false;
  if (!among(filters.rule, entry.rule)) return false;
  if (!among(filters.limit, entry.limit, "none") || !among(filters.key, entry.api_key)) return false;
  if (filters.status.length && !filters.status.some((one) => statusMatches(one, entry.status))) return false;
  if (filters.q) {
    const inModel = entry.model?.toLowerCase().includes(filters.q.toLowerCase()) ?? false;
    if (!inModel && entry.request_id !== filters.q) return false;
  }
  const slower = filters.slower_than ? parseDuration(filters.slower_than) : null;
  if (slower !== null && entry.duration_ms <= slower * 1000) return false;
  const faster = filters.faster_than ? parseDuration(filters.faster_than) : null;
  if (faster !== null && entry.duration_ms >= faster * 1000) return false;
  const began = Date.parse(entry.time);
  const from = filters.from ? momentOf(filters.from, now) : null;
  const to = filters.to ? momentOf(filters.to, now) : null;
  return (from === null || began >= from) && (to === null || began < to);
}

/** Whether requests that end now can be among them. */
export const isOpenEnded = (filters: Filters): boolean => filters.to === "";
