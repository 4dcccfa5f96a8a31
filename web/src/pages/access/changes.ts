// Changes in words.

import type { Schemas } from "$api/client";
import { formatSeconds } from "$lib/duration";
import { formatBytes } from "$lib/format";
import { labelOf } from "../settings/names";

export const SUBJECTS = [
  { value: "", label: "Everything" },
  { value: "timeouts", label: "Timeouts" },
  { value: "fronts", label: "What stands in front" },
  { value: "provider", label: "Providers" },
  { value: "rule", label: "Routing rules" },
  { value: "target", label: "Breakers held by hand" },
  { value: "datasource", label: "Data sources" },
  { value: "chat", label: "Limits of the chat" },
  { value: "pool", label: "Model pool" },
  { value: "model", label: "Local models" },
  { value: "probe", label: "Probes" },
  { value: "logs", label: "Request logs" },
  { value: "user", label: "Users" },
  { value: "api_key", label: "API keys" },
  { value: "session", label: "Sessions" },
] as const;

const KINDS: Record<string, string> = {
  timeouts: "the timeouts",
  fronts: "what stands in front",
  datasource: "data source",
  chat: "the limits of the chat",
  pool: "the model pool",
  probe: "the probe of",
  logs: "the request log's settings",
  rules: "the order of the rules",
  provider: "provider",
  rule: "rule",
  model: "local model",
  target: "the breaker of",
  user: "user",
  api_key: "API key",
  session: "session",
};

const VERBS: Record<string, string> = {
  create: "added",
  update: "changed",
  change: "changed",
  rotate: "renewed the key of",
  delete: "removed",
  remove: "removed",
  revoke: "revoked",
  order: "reordered",
  reorder: "reordered",
  hold: "held or let go",
  load: "loaded",
  unload: "unloaded",
  pin: "pinned",
  unpin: "let go of",
  probe: "made",
};

/** "user:ada" -> "ada"; who is no user is called by what it is. */
export function actorName(actor: string): string {
  if (actor.startsWith("user:")) return actor.slice(5);
  return (
    { "token:admin": "The admin token", setup: "The first set-up", gateway: "The gateway" }[actor] ?? actor
  );
}

/** "changed the timeouts", "added provider openai". */
export function sentenceOf(change: Pick<Schemas["Change"], "action" | "subject">): string {
  const verb = change.action.split(".").at(-1) ?? change.action;
  const colon = change.subject.indexOf(":");
  const kind = colon < 0 ? change.subject : change.subject.slice(0, colon);
  const name = colon < 0 ? "" : change.subject.slice(colon + 1);
  if (kind === "session") return verb === "create" ? "signed in" : `ended a session of ${name}`;
  if (change.action === "user.password" || verb === "password") return `changed the password of ${name}`;
  return `${VERBS[verb] ?? verb} ${KINDS[kind] ?? kind}${name ? ` ${name}` : ""}`;
}

/** "first_token_seconds" -> "First token"; "limits.models" -> "limits: models". */
export const fieldName = (path: string): string =>
  path
    .split(".")
    .map((part) => labelOf(part).replace(/_/g, " "))
    .join(": ");

interface Target {
  provider: string;
  model?: string;
  weight?: number;
}

/** Durations, sizes and targets as they read elsewhere; the rest as it is. */
export function valueText(path: string, text: string): string {
  const number = Number(text);
  if (/_seconds(_max)?$/.test(path) && Number.isFinite(number))
    return number === 0 ? "none" : formatSeconds(number);
  if (path.endsWith("_bytes") && Number.isFinite(number)) return formatBytes(number);
  if (path.endsWith("targets")) {
    const targets = JSON.parse(text) as Target[];
    return targets
      .map(({ provider, model, weight }) => {
        const share = weight === undefined || weight === 1 ? "" : ` (weight ${weight})`;
        return (model ? `${provider} as ${model}` : provider) + share;
      })
      .join(", then ");
  }
  return text;
}
