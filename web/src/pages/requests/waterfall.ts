// Where the time of a request went: tracks of one scale, laid out from its record. Pure; milliseconds.
//
// The record says how long each attempt took, not when it began: they follow each other after the request was
// received, and the last one ends with the request. It says how long all of them waited for slots: that is given to
// those that can have waited.

import type { Schemas } from "$api/client";
import { isUnasked, limitName } from "./words";

type Record_ = Schemas["RequestRecord"];
type Attempt = Schemas["RequestAttempt"];

export type Kind = "receive" | "queue" | "connect" | "first_token" | "answer";

export interface Bar {
  label: string;
  kind: Kind;
  from: number;
  to: number;
  /** It did not come to its end. */
  cut: boolean;
}

export interface Track {
  title: string;
  bars: Bar[];
}

export interface Hairline {
  at: number;
  label: string;
  fired: boolean;
}

export interface Waterfall {
  span: number;
  tracks: Track[];
  hairlines: Hairline[];
}

const connectedIn = (attempt: Attempt): number | undefined =>
  attempt.connect_ms ?? (attempt.reused_connection ? 0 : undefined);

/** How long each attempt waited for a slot: of the sum first those that got none, then the last ones. */
export function queuesOf(record: Pick<Record_, "queue_ms">, attempts: readonly Attempt[]): number[] {
  let left = record.queue_ms ?? 0;
  const waits = attempts.map(() => 0);
  const give = (index: number, most: number) => {
    const wait = Math.max(0, Math.min(left, most - (waits[index] ?? 0)));
    waits[index] = (waits[index] ?? 0) + wait;
    left -= wait;
  };
  attempts.forEach((one, index) => one.outcome === "busy" && give(index, one.duration_ms));
  for (let index = attempts.length - 1; index >= 0; --index) {
    const one = attempts[index];
    if (!one || isUnasked(one)) continue;
    give(index, (one.first_token_ms ?? one.duration_ms) - (connectedIn(one) ?? 0));
  }
  return waits;
}

function barsOf(attempt: Attempt, from: number, queue: number, cutInQueue: boolean): Bar[] {
  const end = from + attempt.duration_ms;
  const failed = attempt.outcome !== "success";
  const bars: Bar[] = [];
  const called = from + queue;
  if (queue > 0)
    bars.push({
      label: "Queue",
      kind: "queue",
      from,
      to: called,
      cut: cutInQueue || attempt.outcome === "busy",
    });
  if (isUnasked(attempt) || cutInQueue) return bars;
  const connected = connectedIn(attempt);
  const connectEnd = connected === undefined ? end : Math.min(end, called + connected);
  bars.push({
    label: "Connect",
    kind: "connect",
    from: called,
    to: connectEnd,
    cut: connected === undefined && failed,
  });
  if (connected === undefined) return bars;
  const first = attempt.first_token_ms;
  const firstEnd = first === undefined ? end : Math.min(end, from + first);
  const label = first === undefined && !failed ? "Answer" : "First token";
  const kind = label === "Answer" ? "answer" : "first_token";
  bars.push({ label, kind, from: connectEnd, to: firstEnd, cut: first === undefined && failed });
  if (first !== undefined) bars.push({ label: "Answer", kind: "answer", from: firstEnd, to: end, cut: failed });
  return bars;
}

/** When each attempt began. */
function beginnings(record: Record_, attempts: readonly Attempt[]): number[] {
  const starts: number[] = [];
  let at = record.receive_ms ?? 0;
  for (const attempt of attempts) {
    starts.push(at);
    at += attempt.duration_ms;
  }
  const last = attempts.at(-1);
  if (last) {
    // The record's own first token tells exactly when the attempt that answered began.
    const told =
      record.first_token_ms !== undefined && last.first_token_ms !== undefined
        ? record.first_token_ms - last.first_token_ms
        : record.duration_ms - last.duration_ms;
    starts[starts.length - 1] = Math.max(starts.at(-1) ?? 0, told);
  }
  return starts;
}

function firedAt(record: Record_, lastStart: number, lastQueue: number): number {
  const limit = (record.limit_seconds ?? 0) * 1000;
  if (record.limit === "total" || record.limit === "receive") return limit;
  if (record.limit === "queue") return Math.min(lastStart + limit, record.duration_ms);
  if (record.limit === "attempt" || record.limit === "connect" || record.limit === "first_token")
    return Math.min(lastStart + lastQueue + limit, record.duration_ms);
  return record.duration_ms; // of the others the clock starts anew: it fired when the request ended
}

export function layOut(record: Record_): Waterfall {
  const attempts = record.attempts ?? [];
  const starts = beginnings(record, attempts);
  const queues = queuesOf(record, attempts);
  const hairlines: Hairline[] = [];
  if (record.limit && record.limit_seconds !== undefined)
    hairlines.push({
      at: firedAt(record, starts.at(-1) ?? 0, queues.at(-1) ?? 0),
      label: limitName(record.limit),
      fired: true,
    });
  const total = record.total_limit_seconds === undefined ? undefined : record.total_limit_seconds * 1000;
  // A limit far away would press everything else together: it is told in words.
  if (total !== undefined && record.limit !== "total" && total <= record.duration_ms * 1.5)
    hairlines.push({ at: total, label: limitName("total"), fired: false });
  const span = Math.max(1, record.duration_ms, ...hairlines.map((line) => line.at)) * 1.02;

  const tracks: Track[] = [];
  if (record.receive_ms !== undefined || !attempts.length) {
    const to = record.receive_ms ?? record.duration_ms;
    tracks.push({
      title: "",
      bars: [{ label: "Receive", kind: "receive", from: 0, to, cut: record.limit === "receive" }],
    });
  }
  attempts.forEach((attempt, index) => {
    const queue = queues[index] ?? 0;
    // It never came to be called: the queue is all there was of it.
    const cutInQueue = queue > 0 && connectedIn(attempt) === undefined && queue >= attempt.duration_ms - 1;
    const bars = barsOf(attempt, starts[index] ?? 0, queue, cutInQueue);
    if (!bars.length) return;
    tracks.push({
      title: attempts.length > 1 ? `Attempt ${index + 1}: ${attempt.provider ?? "unknown"}` : "",
      bars,
    });
  });
  return { span, tracks, hairlines };
}

// As people read time: by tens below ten seconds, by quarters and halves of minutes above.
const STEPS_LONG_MS = [15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600].map((seconds) => seconds * 1000);

function stepFor(rough: number): number {
  if (rough > 10_000) return STEPS_LONG_MS.find((step) => step >= rough) ?? 86_400_000;
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5].find((one) => one * power >= rough) ?? 10) * power;
}

/** Round marks below `span`, about `count` of them. */
export function ticks(span: number, count = 4): number[] {
  const step = stepFor(span / count);
  const out: number[] = [];
  for (let at = 0; at <= span * 0.97; at += step) out.push(at);
  return out;
}
