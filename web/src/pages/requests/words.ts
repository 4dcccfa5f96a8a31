// What happened to a request, in words.

import type { Schemas } from "$api/client";
import type { PooledModel } from "$api/pool.svelte";
import { formatMilliseconds, formatSeconds } from "$lib/duration";
import { loadWords } from "$lib/pooled";
import type { Entry } from "./filters";

type Record_ = Schemas["RequestRecord"];
type Attempt = Schemas["RequestAttempt"];
/** `ended`: it has, while the list stood still. */
export type Running = Omit<Schemas["RunningRequest"], "phase"> & {
  phase: Schemas["RunningRequest"]["phase"] | "ended";
};
export type Tone = "neutral" | "good" | "warn" | "bad" | "accent";
export type Icon = "check" | "clock" | "cross" | "ban" | "none";

const LIMITS: Record<string, string> = {
  total: "total",
  receive: "receive",
  queue: "queue",
  load: "load",
  connect: "connect",
  first_token: "first token",
  idle: "idle",
  attempt: "attempt",
  drain: "drain",
  none: "no limit",
};
export const limitName = (limit: string | undefined): string => LIMITS[limit ?? ""] ?? limit ?? "";

export const OUTCOMES: Record<string, { word: string; tone: Tone; icon: Icon }> = {
  success: { word: "success", tone: "good", icon: "check" },
  timeout: { word: "timeout", tone: "warn", icon: "clock" },
  error: { word: "error", tone: "bad", icon: "cross" },
  refused: { word: "refused", tone: "bad", icon: "ban" },
  cancelled: { word: "cancelled", tone: "neutral", icon: "ban" },
  stopped: { word: "stopped", tone: "neutral", icon: "ban" },
};

const ENDPOINTS: Record<string, string> = {
  chat: "Chat",
  completions: "Completions",
  embeddings: "Embeddings",
};
export const endpointName = (endpoint: string | undefined): string => ENDPOINTS[endpoint ?? ""] ?? "none";

/** "timeout: first token", "error: 502". */
export function resultWord(entry: Pick<Entry, "outcome" | "limit" | "status">): string {
  const word = OUTCOMES[entry.outcome ?? ""]?.word ?? entry.outcome ?? "unknown";
  if (entry.outcome === "timeout" && entry.limit) return `${word}: ${limitName(entry.limit)}`;
  if ((entry.outcome === "error" || entry.outcome === "refused") && entry.status)
    return `${word}: ${entry.status}`;
  return word;
}

const PLACES: Record<string, (name: string) => string> = {
  default: () => "which is the default",
  file: (name) => `set in the configuration file (${name})`,
  stored: (name) => `set in the settings (${name})`,
  environment: (name) => `set by the variable ${name}`,
  rule: (name) => `set by the routing rule ${name}`,
  provider: (name) => `set for the provider ${name}`,
  request: (name) => `asked for by the client (${name})`,
  patience: (name) => `from how long such clients are known to wait${name ? ` (${name})` : ""}`,
  api_key: (name) => `set for the API key ${name}`,
};

/** "stored timeouts.chat_seconds" -> "set in the settings (timeouts.chat_seconds)". */
export function sourceWords(source: string | undefined): string {
  if (!source) return "where it was set is not known";
  const space = source.indexOf(" ");
  const kind = space < 0 ? source : source.slice(0, space);
  return PLACES[kind]?.(space < 0 ? "" : source.slice(space + 1)) ?? `set by ${source}`;
}

const ATTEMPTS: Record<string, string> = {
  success: "answered",
  timeout: "a limit cut it",
  refused: "could not be reached",
  reset: "the connection broke",
  garbage: "what it sent cannot be read",
  status: "answered with an error",
  cancelled: "cancelled",
  stopped: "stopped",
  busy: "all its places were taken",
  skipped: "left alone after failures",
  not_loaded: "the local model could not be had",
  untranslatable: "the request cannot be said in its format",
};
export const attemptWords = (outcome: string | undefined): string =>
  outcome ? (ATTEMPTS[outcome] ?? outcome) : "ended";

/** Its turn came, but nothing was sent to it. */
export const isUnasked = (attempt: Pick<Attempt, "outcome">): boolean =>
  /^(busy|skipped|untranslatable)$/.test(attempt.outcome ?? "");

/** "a limit cut it, 1.2 s, new connection"; of what was not asked only why, and how long that took. */
export function attemptLine(attempt: Attempt): string {
  const took = formatMilliseconds(attempt.duration_ms);
  if (isUnasked(attempt))
    return `not asked: ${attemptWords(attempt.outcome)}${attempt.duration_ms >= 1 ? `, after ${took}` : ""}`;
  const status = attempt.status ? `, status ${attempt.status}` : "";
  return `${attemptWords(attempt.outcome)}${status}, ${took}, ${attempt.reused_connection ? "connection reused" : "new connection"}`;
}

/** Where the upstream was when the request ended. */
export function upstreamWords(attempts: readonly Attempt[] | undefined): string {
  const last = attempts?.at(-1);
  if (!last) return "No upstream had been called yet.";
  const name = last.provider ? `The upstream ${last.provider}` : "The upstream";
  if (isUnasked(last)) return `${name} was not called: ${attemptWords(last.outcome)}.`;
  if (last.first_token_ms !== undefined)
    return `${name} had begun to answer, ${formatMilliseconds(last.first_token_ms)} after it was called.`;
  if (last.status !== undefined) return `${name} had answered ${last.status}, but sent no content.`;
  if (last.connect_ms !== undefined || last.reused_connection)
    return `${name} had accepted the request, but had not answered at all.`;
  return `${name} had not accepted a connection.`;
}

export interface Result {
  title: string;
  lines: string[];
  tone: Tone;
  icon: Icon;
}

const ENDED: Record<string, (record: Record_) => string> = {
  success: (record) => `Answered in ${formatMilliseconds(record.duration_ms)}`,
  error: (record) => (record.status ? `Ended with error ${record.status}` : "Ended with an error"),
  refused: (record) => (record.status ? `Refused with ${record.status}` : "Refused"),
  stopped: () => "Stopped because the gateway shut down",
};

function timeoutTitle(record: Record_): string {
  const name = limitName(record.limit);
  const Name = name.charAt(0).toUpperCase() + name.slice(1);
  const at = record.limit_seconds ?? record.duration_ms / 1000;
  return record.limit ? `${Name} limit fired at ${formatSeconds(at)}` : "A limit fired";
}

export function resultOf(record: Record_): Result {
  const look = OUTCOMES[record.outcome ?? ""] ?? { word: "", tone: "neutral" as const, icon: "none" as const };
  const lines: string[] = [];
  if (record.outcome === "timeout") {
    const value =
      record.limit_seconds === undefined ? "The limit" : `The limit of ${formatSeconds(record.limit_seconds)}`;
    lines.push(`${value} is ${sourceWords(record.limit_source).replace(/^which is /, "")}.`);
    lines.push(upstreamWords(record.attempts));
    lines.push(record.status ? `The client was sent ${record.status}.` : "The client was sent nothing.");
  } else if (record.outcome === "cancelled" || record.ended_by === "operator") {
    lines.push(upstreamWords(record.attempts));
  } else if (record.outcome !== "success") {
    lines.push(record.status ? `The client was sent ${record.status}.` : "The client was sent nothing.");
  }
  if (record.detail) lines.push(/[.!?]$/.test(record.detail) ? record.detail : `${record.detail}.`);
  const cancelled =
    record.ended_by === "operator"
      ? `Cancelled by an administrator after ${formatMilliseconds(record.duration_ms)}`
      : record.outcome === "cancelled"
        ? `The client left after ${formatMilliseconds(record.duration_ms)}`
        : undefined;
  const title =
    cancelled ??
    (record.outcome === "timeout" ? timeoutTitle(record) : (ENDED[record.outcome ?? ""]?.(record) ?? "Ended"));
  return { title, lines, tone: look.tone, icon: look.icon };
}

const PHASES: Record<string, string> = {
  load: "Waiting for the model to be loaded",
  queue: "Waiting for a free place",
  route: "Being routed",
  connect: "Connecting",
  first_token: "Waiting for the first token",
  answer: "Answering",
  ended: "Has ended",
};
export const phaseWords = (phase: string): string => PHASES[phase] ?? phase;

/** 1 -> "1st", 12 -> "12th", 23 -> "23rd". */
export function ordinal(place: number): string {
  const tens = place % 100;
  const ending = tens > 10 && tens < 14 ? "th" : (["th", "st", "nd", "rd"][place % 10] ?? "th");
  return `${place}${ending}`;
}

/** "3rd in line, about 12 s"; "" while it does not wait. */
export function queueWords(request: Pick<Running, "phase" | "queue_place" | "queue_forecast_ms">): string {
  if (request.phase !== "queue" || request.queue_place === null) return "";
  const forecast = request.queue_forecast_ms;
  const about =
    forecast === null ? "" : `, about ${forecast < 1000 ? "1 s" : formatSeconds(Math.round(forecast / 1000))}`;
  return `${ordinal(request.queue_place + 1)} in line${about}`;
}

/** What it waits for: its place in line, or how far its model is loaded; "" while it does not wait. */
export const waitWords = (
  request: Pick<Running, "phase" | "queue_place" | "queue_forecast_ms">,
  model: PooledModel | undefined,
  now: number,
): string => (request.phase === "load" ? loadWords(model, now) : queueWords(request));
