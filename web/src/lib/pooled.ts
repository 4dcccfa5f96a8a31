// What a local model does, in words. Pure.

import type { PooledModel } from "$api/pool.svelte";
import { formatMilliseconds } from "./duration";
import { formatBytes, formatCount, plural } from "./format";

export const LOOKS = {
  unloaded: { tone: "neutral", icon: "none", word: "not loaded" },
  waiting: { tone: "warn", icon: "clock", word: "waiting for memory" },
  loading: { tone: "warn", icon: "clock", word: "loading" },
  ready: { tone: "good", icon: "check", word: "loaded" },
  quarantined: { tone: "bad", icon: "ban", word: "set aside, is started anew" },
  stopping: { tone: "neutral", icon: "clock", word: "being unloaded" },
} as const;

/** Never 100: it is loading still. */
export const loadPercent = (share: number): number => Math.min(99, Math.floor(share * 100));

/** "loading 40 %". */
export const stateWord = ({ state, load_share: share }: Pick<PooledModel, "state" | "load_share">): string =>
  share === null ? LOOKS[state].word : `${LOOKS[state].word} ${loadPercent(share)} %`;

/** "2 slots of 8,192 tokens". */
export const slotsText = (slots: number, context: number): string =>
  `${plural(slots, "slot")} of ${formatCount(context)} tokens`;

const inSeconds = (ms: number): string => formatMilliseconds(Math.max(1, Math.ceil(ms / 1000)) * 1000);

/** "about 12 s"; "" where nothing can be said. */
function readyWords(model: PooledModel, now: number): string {
  const left = model.ready_in_ms === null ? 0 : model.ready_in_ms - (now - model.toldAt);
  return left > 0 ? `about ${inSeconds(left)}` : "";
}

/** For who waits for it: "loading 40 %, about 12 s". */
export function loadWords(model: PooledModel | undefined, now: number): string {
  if (!model || (model.state !== "loading" && model.state !== "waiting")) return "";
  return [stateWord(model), readyWords(model, now)].filter(Boolean).join(", ");
}

/** "4.2 GiB · 3 requests, 1 in line · 2 slots of 8,192 tokens · unused for 12 s". */
export function saysOf(model: PooledModel, now: number): string {
  const since = Math.max(0, now - model.toldAt);
  const parts = [`${formatBytes(model.memory_bytes)}${model.memory_measured ? "" : " expected"}`];
  const line = model.queued ? `, ${model.queued} in line` : "";
  if (model.in_flight) parts.push(`${plural(model.in_flight, "request")}${line}`);
  if (model.waiting) parts.push(`${model.waiting} waiting`);
  if (model.slots) parts.push(slotsText(model.slots, model.context));
  if (model.crashes) parts.push(plural(model.crashes, "crash", "crashes"));
  const ready = readyWords(model, now);
  if (ready) parts.push(`ready in ${ready}`);
  if (model.state === "ready" && model.idle_ms !== null)
    parts.push(`unused for ${formatMilliseconds(Math.round((model.idle_ms + since) / 1000) * 1000)}`);
  if (model.retried_in_ms !== null && model.retried_in_ms > since)
    parts.push(`left alone for ${inSeconds(model.retried_in_ms - since)}`);
  return (model.memory_bytes ? parts : parts.slice(1)).join(" · ");
}
