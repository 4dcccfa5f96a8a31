// What the command palette offers. Pure but for the lists of the pages.

import { search, type Searchable } from "$lib/search";
import { SECTIONS, SETTINGS } from "../pages/settings/find";

export type Group = "Pages" | "Sections" | "Settings" | "Requests" | "Actions";

export interface Command extends Searchable {
  group: Group;
  /** Where it leads: a path of a page, with a hash. Without: what it does is known by its name. */
  path?: string;
  action?: "light" | "dark" | "system" | "keys" | "sign-out";
  /** Shown at its right. */
  note?: string;
}

const ORDER: readonly Group[] = ["Pages", "Sections", "Settings", "Requests", "Actions"];

const section = (page: string, path: string, label: string, target: string, words = ""): Command => ({
  group: "Sections",
  label,
  words: `${page} ${words}`,
  note: page,
  path: `${path}#${target}`,
});

export const ACTIONS: readonly Command[] = [
  { group: "Actions", label: "Theme: light", words: "appearance bright day", action: "light" },
  { group: "Actions", label: "Theme: dark", words: "appearance night", action: "dark" },
  { group: "Actions", label: "Theme: system", words: "appearance automatic", action: "system" },
  { group: "Actions", label: "Keyboard shortcuts", words: "keys help", action: "keys" },
  { group: "Actions", label: "Sign out", words: "log out leave account", action: "sign-out" },
];

export const commandsOf = (pages: readonly { path: string; title: string; key: string }[]): Command[] => [
  ...pages.map((page) => ({
    group: "Pages" as const,
    label: page.title,
    words: "go to page",
    note: `g ${page.key}`,
    path: page.path,
  })),
  ...SECTIONS.map((one) => section("Settings", "/settings", one.label, one.target, one.words)),
  section("Access", "/access", "API keys", "keys", "tokens"),
  section("Access", "/access", "Users", "users", "people passwords roles"),
  section("Access", "/access", "Data sources", "sources", "database sqlite postgresql chat sql"),
  section("Access", "/access", "Sessions", "sessions", "signed in browsers"),
  section("Access", "/access", "Changes", "changes", "audit history who"),
  section("Dashboard", "/", "Total time and limits", "latency", "latency p50 p99 chart"),
  section("Dashboard", "/", "Timeouts by limit", "timeouts", "cut"),
  section("Dashboard", "/", "Providers and models", "targets", "health breaker open hold in flight waiting"),
  section("Timeouts", "/timeouts", "Who gives up first", "chain", "chain of timeouts layers order picture"),
  section(
    "Timeouts",
    "/timeouts",
    "What stands in front",
    "fronts",
    "proxy nginx caddy traefik cloudflare alb browser",
  ),
  section("Timeouts", "/timeouts", "What another limit would do", "effect", "preview cut longer shorter"),
  ...SETTINGS.map((one) => ({
    group: "Settings" as const,
    label: one.label,
    words: `setting ${one.words}`,
    note: /_seconds$/.test(one.target) && !/^idle_unload/.test(one.target) ? "Timeout" : "Setting",
    path: `/settings#${one.target}`,
  })),
  ...ACTIONS,
];

const looksLikeId = (text: string) => /^(req|chatcmpl|msg)[_-]\S+$|^[0-9a-f-]{8,}$/i.test(text);

/** A request by its id, or all that the text finds. */
function requestsOf(text: string): Command[] {
  if (text.length < 2) return [];
  const one: Command = {
    group: "Requests",
    label: `Open request ${text}`,
    path: `/requests/${encodeURIComponent(text)}`,
  };
  const all: Command = {
    group: "Requests",
    label: `Find requests: ${text}`,
    note: "Id or model",
    path: `/requests?q=${encodeURIComponent(text)}`,
  };
  return /\s/.test(text) ? [all] : looksLikeId(text) ? [one, all] : [all, one];
}

export interface Listed {
  group: Group;
  commands: Command[];
}

/** In groups; the group with the best of all stands first, so that Enter takes that. */
export function listed(all: readonly Command[], typed: string): Listed[] {
  const text = typed.trim();
  if (!text)
    return grouped(
      all.filter(({ group }) => group !== "Settings"),
      ORDER,
    );
  const found = search(all, text);
  const requests = requestsOf(text);
  const sorted = looksLikeId(text) ? [...requests, ...found] : [...found, ...requests];
  return grouped(sorted, [...new Set(sorted.map(({ group }) => group))]);
}

const grouped = (commands: readonly Command[], order: readonly Group[]): Listed[] =>
  order
    .map((group) => ({ group, commands: commands.filter((one) => one.group === group) }))
    .filter((one) => one.commands.length > 0);
