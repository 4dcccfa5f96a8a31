// The properties by which requests are filtered, in the order in which they are asked for.

import { formatDateTime } from "$lib/format";
import type { ListName } from "./filters";
import { endpointName, limitName, OUTCOMES } from "./words";

export interface FacetKind {
  name: Exclude<ListName, "key" | "rule">;
  title: string;
  word: (value: string) => string;
}

const itself = (value: string) => value || "none";

export const FACETS: readonly FacetKind[] = [
  { name: "outcome", title: "Result", word: (value) => OUTCOMES[value]?.word ?? itself(value) },
  { name: "model", title: "Model", word: itself },
  { name: "limit", title: "Limit", word: limitName },
  { name: "provider", title: "Provider", word: itself },
  { name: "endpoint", title: "Endpoint", word: endpointName },
  { name: "status", title: "Status", word: (value) => (value === "0" ? "nothing sent" : value) },
];

/** "Result: timeout, error". */
export const facetLabel = (kind: FacetKind, chosen: readonly string[]): string =>
  chosen.length ? `${kind.title}: ${chosen.map(kind.word).join(", ")}` : kind.title;

export const RANGES = [
  { from: "15m", label: "Last 15 min" },
  { from: "1h", label: "Last hour" },
  { from: "24h", label: "Last 24 h" },
  { from: "7d", label: "Last 7 d" },
  { from: "", label: "All time" },
] as const;

export function rangeLabel(from: string, to: string): string {
  if (to && !from) return `Before ${formatDateTime(new Date(to)).slice(5)}`;
  if (to || /^\d{4}-/.test(from)) return "Chosen range";
  return RANGES.find((range) => range.from === from)?.label ?? `Last ${from}`;
}
