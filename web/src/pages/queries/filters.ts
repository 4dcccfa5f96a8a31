// Which records are shown: in the address of the page and in queries of the API alike.

import type { Schemas } from "$api/client";

export type QueryRecord = Schemas["QueryRecord"];
export type Outcome = Schemas["QueryOutcome"];

/** Values of one are alternatives; all that are given must be met. */
export const LISTS = ["data_source", "outcome", "user", "model", "request"] as const;
export type ListName = (typeof LISTS)[number];
export type Filters = Record<ListName, string[]> & { from: string; to: string };

export const OUTCOMES: readonly Outcome[] = [
  "running",
  "success",
  "failed",
  "refused",
  "timeout",
  "cancelled",
  "lost",
];

export const noFilters = (): Filters => ({
  data_source: [],
  outcome: [],
  user: [],
  model: [],
  request: [],
  from: "",
  to: "",
});

/** Empty and repeated values are left out. */
export function readFilters(query: URLSearchParams): Filters {
  const filters = noFilters();
  for (const name of LISTS)
    filters[name] = [
      ...new Set(
        query
          .getAll(name)
          .map((value) => value.trim())
          .filter(Boolean),
      ),
    ];
  filters.from = query.get("from")?.trim() ?? "";
  filters.to = query.get("to")?.trim() ?? "";
  return filters;
}

/** Only what is set. */
export function toQuery(filters: Filters): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = {};
  for (const name of LISTS) if (filters[name].length) query[name] = filters[name];
  if (filters.from) query.from = filters.from;
  if (filters.to) query.to = filters.to;
  return query;
}

/** "outcome=failed&from=1h"; empty without filters. */
export function toSearch(filters: Filters): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(toQuery(filters)))
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, one);
  return search.toString();
}

/** What changes the address when it is to hold these: null takes a parameter away. */
export const queryChanges = (filters: Filters): Record<string, string | string[] | null> => ({
  ...Object.fromEntries(LISTS.map((name) => [name, filters[name].length ? filters[name] : null])),
  from: filters.from || null,
  to: filters.to || null,
});

/** How many of them are set; the range counts as one. */
export const countFilters = (filters: Filters): number =>
  LISTS.filter((name) => filters[name].length).length + (filters.from || filters.to ? 1 : 0);

/** The newest page put over what is there: by id, the newest first; what changed meanwhile is as it is now. */
export function merged(list: readonly QueryRecord[], newest: readonly QueryRecord[]): QueryRecord[] {
  const fresh = new Set(newest.map((record) => record.id));
  return [...newest, ...list.filter((record) => !fresh.has(record.id))];
}

/** Whether the newest page reaches down to what is there; else something between is missing. */
export const reaches = (list: readonly QueryRecord[], newest: readonly QueryRecord[]): boolean =>
  !list.length || newest.some((record) => record.id === list[0]?.id);

/** One line of a statement, for a list. */
export const oneLine = (sql: string): string => sql.replace(/\s+/g, " ").trim();
