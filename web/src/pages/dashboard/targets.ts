// What is known of the targets (one model at one provider), in words. Pure.

import type { Schemas } from "$api/client";
import { formatSeconds } from "$lib/duration";
import { formatCount, plural } from "$lib/format";

export type Target = Schemas["TargetState"];
export type Hold = Schemas["Hold"];

export interface Condition {
  word: string;
  tone: "good" | "warn" | "bad" | "accent";
  icon: "check" | "clock" | "cross" | "warning" | "ban";
  /** A half sentence; "" where the word says it all. */
  detail: string;
  /** The higher, the sooner somebody should look at it. */
  rank: number;
}

/** "after 5 failures", or "after 12 of 20 calls failed". */
function causeOf(target: Target): string {
  const { failures_in_a_row: row, window_calls: calls, window_failures: failed } = target;
  if (failed > row && calls > failed) return `after ${formatCount(failed)} of ${plural(calls, "call")} failed`;
  return row ? `after ${plural(row, "failure")}` : "";
}

/** `since`: milliseconds since the numbers were taken. */
export function conditionOf(target: Target, since = 0): Condition {
  if (target.hold === "open")
    return { word: "held open", tone: "warn", icon: "ban", detail: "left alone until it is let go", rank: 4 };
  if (target.hold === "closed")
    return { word: "held closed", tone: "accent", icon: "check", detail: "asked whatever happens", rank: 3 };
  const cause = causeOf(target);
  if (target.state === "open") {
    const left = target.opens_in_ms === null ? 0 : Math.ceil((target.opens_in_ms - since) / 1000);
    const how = left > 0 ? `for another ${formatSeconds(left)}` : "until the next request tries it";
    return { word: "left alone", tone: "bad", icon: "cross", detail: `${how} ${cause}`.trim(), rank: 6 };
  }
  if (target.state === "half_open")
    return {
      word: "being tried",
      tone: "warn",
      icon: "clock",
      detail: `one call at a time ${cause}`.trim(),
      rank: 5,
    };
  if (target.paused)
    return {
      word: "paused",
      tone: "warn",
      icon: "clock",
      detail: "it asked to be left alone for a while",
      rank: 2,
    };
  if (target.failures_in_a_row)
    return {
      word: "failing",
      tone: "warn",
      icon: "warning",
      detail: `${plural(target.failures_in_a_row, "failure")} in a row`,
      rank: 1,
    };
  return { word: "available", tone: "good", icon: "check", detail: "", rank: 0 };
}

/** "3 in flight · 2 waiting"; "idle". */
export function loadOf({ in_flight, waiting }: Pick<Target, "in_flight" | "waiting">): string {
  const parts: string[] = [];
  // Who waits for a slot is counted among those in flight.
  if (in_flight - waiting > 0) parts.push(`${formatCount(in_flight - waiting)} in flight`);
  if (waiting) parts.push(`${formatCount(waiting)} waiting`);
  return parts.join(" · ") || "idle";
}

export const modelName = (target: Pick<Target, "model">): string =>
  target.model === "*" ? "other models" : target.model;

/** Of one provider: what is in trouble first, then what is busy. */
export function targetsOf(targets: readonly Target[], provider: string): Target[] {
  return targets
    .filter((one) => one.provider === provider)
    .sort(
      (a, b) =>
        conditionOf(b).rank - conditionOf(a).rank ||
        b.in_flight - a.in_flight ||
        (a.model < b.model ? -1 : a.model > b.model ? 1 : 0),
    );
}

export const HOLDS: readonly { value: Hold; label: string; what: string }[] = [
  { value: "automatic", label: "Automatic", what: "Left alone after failures, tried again after a while." },
  { value: "open", label: "Held open", what: "No request goes there; rules lead to their other targets." },
  { value: "closed", label: "Held closed", what: "Asked whatever happens, also while it fails." },
];
