// The servers that are known by name, and how a provider is called, in words. Pure.

import type { Schemas } from "$api/client";
import { formatCount, plural } from "$lib/format";
import { search } from "$lib/search";

export type Preset = Schemas["ProviderPreset"];
export type Auth = Schemas["ProviderAuth"];
type Kind = Preset["kind"];

export const AUTHS: readonly { value: Auth; label: string }[] = [
  { value: "bearer", label: "Authorization: Bearer" },
  { value: "x-api-key", label: "x-api-key" },
  { value: "api-key", label: "api-key" },
  { value: "none", label: "No key is sent" },
];

/** Where its key goes. */
export const authWords = (auth: Auth): string =>
  auth === "none"
    ? "No key is sent."
    : `It goes into the header ${AUTHS.find((one) => one.value === auth)?.label ?? auth}.`;

export const authOf = (kind: Kind): Auth => (kind === "anthropic" ? "x-api-key" : "bearer");

/** What a base URL looks like. */
export const urlHint = (kind: Kind, preset: Preset | undefined): string =>
  preset?.base_url_form
    ? `Yours, of the form ${preset.base_url_form}`
    : kind === "anthropic"
      ? "Up to what comes before /messages, such as https://api.anthropic.com/v1"
      : "Up to what comes before /chat/completions, such as https://api.openai.com/v1";

/** Local ones first, in their order; of what is typed the best first. */
export function presetsFor(all: readonly Preset[], typed: string): Preset[] {
  const ordered = [...all.filter((one) => one.local), ...all.filter((one) => !one.local)];
  if (!typed.trim()) return ordered;
  return search(
    ordered.map((preset) => ({
      preset,
      label: preset.title,
      words: `${preset.name} ${preset.kind} ${preset.base_url} ${preset.local ? "local" : "cloud"}`,
    })),
    typed,
  ).map(({ preset }) => preset);
}

/** "ollama", or where that is taken "ollama-2". */
export function freeName(name: string, taken: readonly string[]): string {
  let number = 1;
  const candidate = () => (number === 1 ? name : `${name}-${number}`);
  while (taken.includes(candidate())) ++number;
  return candidate();
}

/** "At most 4 requests at once per model; 100 more may wait." */
export function slotsWords(inFlight: number, waiting: number): string {
  if (!inFlight) return "Any number of requests at once; none has to wait.";
  const more = waiting ? `${formatCount(waiting)} more may wait` : "none may wait";
  return `At most ${plural(inFlight, "request")} at once per model; ${more}.`;
}

/** For a summary: "" where nothing is unusual. */
export const slotsBrief = (inFlight: number): string => (inFlight ? `${formatCount(inFlight)} at once` : "");
