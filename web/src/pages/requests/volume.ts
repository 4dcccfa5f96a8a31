// The strip of volume above the list: stacks and what they mean. Pure.

import type { Schemas } from "$api/client";
import { formatDateTime, plural } from "$lib/format";

export interface Stack {
  from: number;
  to: number;
  good: number;
  timeouts: number;
  errors: number;
  others: number;
}

export function stacksOf(volume: Schemas["Volume"]): Stack[] {
  const width = volume.bucket_seconds * 1000;
  return volume.buckets.map(({ time, outcomes }) => {
    const from = Date.parse(time);
    const count = (name: string) => (outcomes as Record<string, number | undefined>)[name] ?? 0;
    return {
      from,
      to: from + width,
      good: count("success"),
      timeouts: count("timeout"),
      errors: count("error") + count("refused"),
      others: count("cancelled") + count("stopped"),
    };
  });
}

export const sizeOf = (stack: Stack): number => stack.good + stack.timeouts + stack.errors + stack.others;
export const totalOf = (stacks: readonly Stack[]): number => stacks.reduce((sum, one) => sum + sizeOf(one), 0);

/** "120 requests, 3 timeouts, 1 error", of one stack or of all. */
export function volumeWords(stacks: readonly Stack[]): string {
  const sum = (name: "timeouts" | "errors") => stacks.reduce((total, one) => total + one[name], 0);
  const parts = [plural(totalOf(stacks), "request")];
  if (sum("timeouts")) parts.push(plural(sum("timeouts"), "timeout"));
  if (sum("errors")) parts.push(plural(sum("errors"), "error"));
  return parts.join(", ");
}

/** "2026-01-31 12:00:00 to 12:10:00". */
export function spanWords(from: number, to: number): string {
  const [first, last] = [formatDateTime(new Date(from)), formatDateTime(new Date(to))];
  return first.slice(0, 10) === last.slice(0, 10) ? `${first} to ${last.slice(11)}` : `${first} to ${last}`;
}
