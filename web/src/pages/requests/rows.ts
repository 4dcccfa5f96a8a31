// What the list shows, and how much of it is drawn. Pure.

import type { Entry } from "./filters";
import type { Running } from "./words";

/** A running request or one that has ended. */
export interface Row {
  key: string;
  /** In the address: the id of the row, or of a running request its own. */
  id: string;
  entry?: Entry;
  running?: Running;
}

export type Shape = "wide" | "table" | "card";

export const shapeOf = (width: number): Shape => (width >= 820 ? "wide" : width >= 540 ? "table" : "card");
export const rowHeight = (shape: Shape): number => (shape === "card" ? 68 : 38);

/** The running ones stand on top. One that has just ended is shown once, as what it became. */
export function rowsOf(running: readonly Running[], entries: readonly Entry[]): Row[] {
  const ended = new Set(entries.slice(0, 300).map((entry) => entry.request_id));
  const rows: Row[] = running
    .filter((one) => !ended.has(one.request_id))
    .map((one) => ({ key: `r${one.request_id}`, id: one.request_id, running: one }));
  for (const entry of entries) rows.push({ key: String(entry.id), id: String(entry.id), entry });
  return rows;
}

/** Also found by the request's own id: as links from elsewhere have it. */
export const indexOfId = (rows: readonly Row[], id: string): number =>
  id === "" ? -1 : rows.findIndex((row) => row.id === id || row.entry?.request_id === id);

const OVERSCAN = 8;

/** The indices to draw: what is seen and a little more, and `kept`, which has the focus. */
export function drawn(count: number, height: number, top: number, view: number, kept: number): number[] {
  const first = Math.max(0, Math.floor(top / height) - OVERSCAN);
  const last = Math.min(count - 1, Math.ceil((top + view) / height) + OVERSCAN);
  const indices: number[] = [];
  if (kept >= 0 && kept < Math.min(first, count)) indices.push(kept);
  for (let index = first; index <= last; ++index) indices.push(index);
  if (kept > last && kept < count) indices.push(kept);
  return indices;
}
