// What a limit would have done, in a sentence. Pure.

import type { Schemas } from "$api/client";
import { formatSeconds } from "$lib/duration";
import { formatCount } from "$lib/format";

export interface Effect {
  proposed: number;
  /** The limit in force; undefined: none. */
  current: number | undefined;
  requests: number;
  /** Of those that succeeded, how many took longer than what is proposed. */
  longer: number;
  /** How many the limit in force has cut. */
  cut: number;
}

/** How many the total limit as it is set has cut; not those that their clients wanted shorter. */
export const cutByTotal = (
  timeouts: readonly Pick<Schemas["StatisticsTimeouts"], "limit" | "limit_source" | "count">[],
): number =>
  timeouts
    .filter(
      (one) =>
        one.limit === "total" && /^(default|stored|file|environment|rule|provider)\b/.test(one.limit_source),
    )
    .reduce((sum, one) => sum + one.count, 0);

export function effectText({ proposed, current, requests, longer, cut }: Effect): string {
  if (!requests) return "No such request was recorded in the last 24 hours.";
  const limit = formatSeconds(proposed);
  const all = `${formatCount(requests)} ${requests === 1 ? "request" : "requests"}`;
  const now = cut ? ` ${formatCount(cut)} ${cut === 1 ? "was" : "were"} cut by the limit in force.` : "";
  if (proposed === current)
    return `${limit} is the limit in force: of ${all} it has cut ${cut ? formatCount(cut) : "none"}.`;
  if (longer) return `A limit of ${limit} would have cut ${formatCount(longer)} of ${all}.${now}`;
  const more =
    current !== undefined && proposed > current && cut ? " Some of those might have come to their end." : "";
  return `A limit of ${limit} would have cut none of ${all}.${now}${more}`;
}
