// The settings in words.

import { formatSeconds } from "$lib/duration";
import { formatBytes } from "$lib/format";
import type { Value } from "./draft.svelte";

export interface EndpointLimit {
  name: string;
  endpoint: "chat" | "completions" | "embeddings";
  label: string;
  path: string;
  why: string;
}

export const ENDPOINTS: readonly EndpointLimit[] = [
  {
    name: "chat_seconds",
    endpoint: "chat",
    label: "Chat Completions",
    path: "/v1/chat/completions",
    why: "Long conversations and large models need minutes for a whole answer. Also for /v1/messages.",
  },
  {
    name: "completions_seconds",
    endpoint: "completions",
    label: "Text Completions",
    path: "/v1/completions",
    why: "Single completions are shorter than conversations.",
  },
  {
    name: "embeddings_seconds",
    endpoint: "embeddings",
    label: "Embeddings",
    path: "/v1/embeddings",
    why: "Embeddings are quick; one that takes minutes is stuck.",
  },
];

export interface PhaseLimit {
  name: string;
  label: string;
  what: string;
}

export const PHASES: readonly PhaseLimit[] = [
  { name: "connect_seconds", label: "Connect", what: "To reach a provider, with the TLS handshake." },
  {
    name: "first_token_seconds",
    label: "First token",
    what: "From sending the request to the first content of the answer.",
  },
  { name: "idle_seconds", label: "Idle", what: "Between two pieces of content. Begins anew with each." },
  {
    name: "attempt_seconds",
    label: "Attempt",
    what: "One call of one provider, before the next target is tried.",
  },
  { name: "queue_seconds", label: "Queue", what: "Waiting for a free place." },
  { name: "load_seconds", label: "Load", what: "Loading a local model." },
  {
    name: "receive_head_seconds",
    label: "Receive head",
    what: "From a client's first byte to the end of its headers.",
  },
  { name: "receive_seconds", label: "Receive body", what: "From the headers to the end of the body." },
  { name: "drain_seconds", label: "Drain", what: "A client that no longer reads its answer." },
  {
    name: "heartbeat_seconds",
    label: "Keep-alive",
    what: "How often a silent stream gets a comment, so that proxies do not cut it.",
  },
];

/** What a rule or a provider can set in the place of the settings for all. */
export const OVERRIDES: readonly PhaseLimit[] = [
  { name: "total_seconds", label: "Whole request", what: "In the place of the endpoint's limit." },
  ...PHASES.filter((phase) => !/^(receive|heartbeat)/.test(phase.name)),
];

const LABELS: Record<string, string> = {
  ...Object.fromEntries([...ENDPOINTS, ...OVERRIDES, ...PHASES].map((one) => [one.name, one.label])),
  memory_limit: "Memory limit",
  idle_unload_seconds: "Unload after",
  retention_days: "Keep requests for",
  retention_bytes: "Keep at most",
  contents: "Keep prompts and answers",
  contents_days: "Keep prompts and answers for",
};

export const labelOf = (name: string): string => LABELS[name] ?? name;

export const daysText = (days: number): string => (days === 1 ? "1 day" : `${days} days`);

/** "80%" as it is; bytes as "64 GiB". */
export const memoryText = (limit: string): string => (/^\d+$/.test(limit) ? formatBytes(Number(limit)) : limit);

/** A value of a setting as people read it. */
export function valueOf(name: string, value: Value): string {
  if (typeof value === "boolean") return value ? "on" : "off";
  if (name === "memory_limit") return memoryText(String(value));
  if (name.endsWith("_bytes")) return formatBytes(Number(value));
  if (name.endsWith("_days")) return daysText(Number(value));
  if (name === "idle_unload_seconds" && value === 0) return "never";
  if (name.endsWith("_seconds")) return value === 0 ? "none" : formatSeconds(Number(value));
  return String(value);
}

/** "first token 20 s · idle 10 s" */
export const overridesText = (timeouts: Record<string, number | undefined>): string =>
  OVERRIDES.flatMap(({ name, label }) => {
    const value = timeouts[name];
    return value === undefined ? [] : [`${label.toLowerCase()} ${valueOf(name, value)}`];
  }).join(" · ");
