// The chain of timeouts as rows: what the picture draws and the table says, so that both are the same. Pure.

import type { Schemas } from "$api/client";
import { formatSeconds } from "$lib/duration";
import { positionOf } from "$ui/scale";

export type Chain = Schemas["TimeoutChain"];
export type Layer = Chain["layers"][number];
export type Finding = Pick<
  Chain["findings"][number],
  "severity" | "layer" | "text" | "suggestion" | "requests"
>;

/** What a layer does in a silence. */
export type Part = "first" | "later" | "fed" | "still" | "none" | "kept" | "likely";

export interface Row {
  id: string;
  /** Which setting it is; undefined: none that is changed on this page. */
  setting: string | undefined;
  name: string;
  ours: boolean;
  /** The upstream's own: its error comes, and no cut line. */
  upstream: boolean;
  limit: string;
  seconds: number | null;
  /** What is in force, where `seconds` is only wanted yet; null: none. */
  was?: number | null | undefined;
  restarts: boolean;
  counts: string;
  known: string;
  /** How it is known, where it was observed; and the address of the requests behind that. */
  evidence: string;
  requests: string;
  /** It is no fact: drawn without a filling. */
  likely: boolean;
  /** Where it is changed: a page of this application, or further down on this one. */
  path: string;
  where: string;
  start: { part: Part; text: string };
  midway: { part: Part; text: string } | undefined;
  /** 0 to 1 on the axis. */
  end: number;
}

export const LEAST = 1;
export const MOST = 7200;
const TICKS = [1, 10, 60, 300, 900, 3600, 7200];
/** On narrow screens only the main ones have room. */
const MAIN = new Set([1, 10, 60, 900, 7200]);

export const ticks = TICKS.map((seconds) => ({
  label: formatSeconds(seconds),
  at: positionOf(seconds, LEAST, MOST),
  main: MAIN.has(seconds),
}));

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** What clients announce is kept by the gateway, and where they hung up is no fact: neither gives up first. */
const isFact = (layer: Layer): boolean => layer.known !== "sent" && layer.known !== "learnt";

/** Heartbeats keep a restarting limit in front of a stream from running out. */
export const isFed = (chain: Chain, layer: Layer): boolean =>
  chain.stream &&
  !layer.ours &&
  isFact(layer) &&
  layer.counts === "restarts" &&
  layer.seconds !== null &&
  chain.heartbeat_seconds !== null &&
  chain.heartbeat_seconds < layer.seconds;

function partOf(chain: Chain, layer: Layer, midway: boolean): Row["start"] {
  const first = midway ? chain.silent_midway : chain.silent;
  if (layer.seconds === null) return { part: "none", text: "has no limit" };
  if (layer.known === "sent") return { part: "kept", text: "Punctual answers before it" };
  if (layer.known === "learnt") return { part: "likely", text: "likely, not known" };
  if (layer.id === first.layer)
    return { part: "first", text: `gives up first, after ${formatSeconds(layer.seconds)}` };
  if (isFed(chain, layer))
    return {
      part: "fed",
      text: `kept open by a keep-alive every ${formatSeconds(chain.heartbeat_seconds ?? 0)}`,
    };
  if (layer.id === "queue" || layer.id === "connect") return { part: "still", text: "is over by then" };
  if (layer.id === "first_token" && midway) return { part: "still", text: "is over by then" };
  if (layer.id === "idle" && !midway) return { part: "still", text: "begins with the first token" };
  return { part: "later", text: `not reached: ${formatSeconds(layer.seconds)}` };
}

function placeOf(chain: Chain, layer: Layer): { path: string; where: string } {
  if (layer.id === "upstream") return { path: "/settings#providers", where: "In the provider" };
  if (!layer.ours && !layer.id.startsWith("front:")) return { path: "#fronts", where: "Declare it" };
  if (!layer.ours) return { path: `#front-${layer.id.split(":")[1] ?? "0"}`, where: "How to change it" };
  if (layer.source.startsWith("rule ")) return { path: "/settings#rules", where: "In the rule" };
  if (layer.source.startsWith("provider ")) return { path: "/settings#providers", where: "In the provider" };
  const page = chain.endpoint === "chat_page";
  if (page && /^(total|browser|attempt)$/.test(layer.id))
    return { path: "/chat", where: "Limits, on the page Chat" };
  const id = layer.id.replace(/^call_/, "");
  const name = id !== "total" ? id : page ? "chat" : chain.endpoint;
  return { path: `/settings#${name}_seconds`, where: "In the settings" };
}

/** What is set for all models, here or in the file; not by a rule, a provider, the environment or for the chat page. */
function settingOf(chain: Chain, layer: Layer): string | undefined {
  const own = layer.ours && /^(default|stored|file)\b/.test(layer.source);
  if (!own || chain.endpoint === "chat_page") return undefined;
  return layer.id === "total" ? `${chain.endpoint}_seconds` : `${layer.id}_seconds`;
}

const SOURCES: Record<string, string> = {
  default: "the default",
  stored: "set here",
  environment: "by the variable",
};

/** "stored": "set here"; "rule gpt-*": "by rule gpt-*". */
export function knownText(layer: Pick<Layer, "known" | "source">): string {
  if (layer.known === "declared") return "declared";
  if (layer.known === "assumed") return "assumed: usual there";
  if (layer.known === "sent") return `sent: ${layer.source}`;
  if (layer.known !== "set") return layer.known;
  const [kind = "", ...rest] = layer.source.split(" ");
  const name = rest.join(" ");
  if (kind === "rule" || kind === "provider") return `by ${kind} ${name}`;
  if (kind === "file") return "in the file";
  return [SOURCES[kind] ?? kind, kind === "environment" ? name : ""].filter(Boolean).join(" ");
}

export const rowsOf = (chain: Chain): Row[] =>
  chain.layers.map((layer) => ({
    id: layer.id,
    setting: settingOf(chain, layer),
    name: layer.ours || !isFact(layer) ? capital(layer.name) : layer.name,
    ours: layer.ours,
    upstream: layer.id === "upstream",
    seconds: layer.seconds,
    limit: layer.seconds === null ? "none" : formatSeconds(layer.seconds),
    restarts: layer.counts === "restarts",
    counts: layer.counts === "once" ? "once" : layer.ours ? "anew at every token" : "anew at every byte",
    known: knownText(layer),
    evidence: layer.evidence,
    requests: layer.requests && `/requests?${layer.requests}`,
    likely: layer.known === "learnt",
    ...placeOf(chain, layer),
    start: partOf(chain, layer, false),
    midway: chain.stream ? partOf(chain, layer, true) : undefined,
    end: layer.seconds === null ? 1 : positionOf(layer.seconds, LEAST, MOST),
  }));

export interface Verdict {
  tone: "good" | "warn" | "bad";
  title: string;
  text: string;
}

function verdict(chain: Chain, first: Chain["silent"], title: string): Verdict {
  const layer = chain.layers.find((one) => one.id === first.layer);
  if (!layer || first.seconds === null)
    return { tone: "bad", title, text: "Nothing ever gives up: such a request hangs for ever." };
  const after = `after ${formatSeconds(first.seconds)}`;
  if (layer.id === "upstream")
    return {
      tone: "warn",
      title,
      text: `${layer.name}, gives up first, ${after}. The client gets the error of the upstream, or the next target is tried.`,
    };
  return layer.ours
    ? {
        tone: "good",
        title,
        text: `Punctual gives up first, ${after} (${layer.name}). The client gets an error that says why.`,
      }
    : {
        tone: "bad",
        title,
        text: `${layer.name} gives up first, ${after}. The client gets its error or a cut line, and never learns why.`,
      };
}

export const verdictsOf = (chain: Chain): Verdict[] => [
  verdict(chain, chain.silent, "Silent from the start"),
  ...(chain.stream ? [verdict(chain, chain.silent_midway, "Silent midway")] : []),
];

/** All of the picture in words, for whoever does not see it; the table has the details. */
export const summaryOf = (chain: Chain): string =>
  verdictsOf(chain)
    .map((one) => `${one.title}: ${one.text}`)
    .join(" ");

/** What a layer in front should outlast: our total and some room to answer. */
export const outlasting = (total: number): number => Math.ceil((total * 1.05) / 15) * 15;

export const severityOf = {
  broken: { tone: "bad", icon: "cross", word: "broken" },
  warning: { tone: "warn", icon: "warning", word: "warning" },
  note: { tone: "neutral", icon: "none", word: "note" },
} as const;
