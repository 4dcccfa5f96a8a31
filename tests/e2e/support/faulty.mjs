// Local models on the fake engine that misbehaves (tests/engine/faulty.mjs), as llama-server's presets start it.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { HELLO, ONE_EACH, drainOpenai, openai } from "./clients.mjs";
import { startGateway, temporaryFolder } from "./gateway.mjs";
import { ADMIN_TOKEN, withToken } from "./management.mjs";
import { until } from "./until.mjs";

const FAULTY = fileURLToPath(new URL("../../engine/faulty.mjs", import.meta.url));

/** A `[[models]]` entry. `faults`: "never-frees", "dies-after=3"; `flags`: { "prompt-ms": 500 }. */
export function faulty(name, { faults = [], flags = {}, ...more } = {}) {
  const words = Object.entries({ slots: more.slots ?? 1, ...flags }).flatMap(([key, value]) => [`--${key}`, String(value)]);
  return {
    name, engine: "llama-server", file: "/nowhere.gguf", memory: "100MiB",
    command: [process.execPath, FAULTY, ...words, ...faults.flatMap((fault) => ["--fault", fault])], ...more,
  };
}

const toml = (entry) => "[[models]]\n" + Object.entries(entry).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`).join("");

/** A gateway with these models. `pool`: lines of `[pool]` and what follows; `journal`: what the engines have noted. */
export async function startFaulty(models, { pool = "", ...options } = {}) {
  const folder = temporaryFolder();
  const journalFile = join(folder, "engines.jsonl");
  const entries = models.map((model) => toml({ ...model, command: [...model.command, "--journal", journalFile] }));
  const gateway = await startGateway({
    config: `[pool]\nmemory_limit = "1GiB"\nminimum_resident_seconds = 0\n${pool}\n${entries.join("")}`,
    env: { PUNCTUAL_ADMIN_TOKEN: ADMIN_TOKEN }, threads: 2, ...options,
  });
  const api = withToken(gateway.url);
  const client = openai(gateway.url, { defaultHeaders: ONE_EACH, maxRetries: 0 });
  const state = async (name) => (await api.get("/api/pool")).models.find((one) => one.model === name);
  return {
    gateway, api, client, state,
    stateWhen: (name, holds) => until(`model ${name}: ${holds}`, () => state(name), holds),
    ask: (model, more = {}, choices = {}) => client.chat.completions.create({ model, messages: HELLO, ...more }, choices),
    stream: (model, more = {}, choices = {}) => drainOpenai(() => client.chat.completions.create({ model, messages: HELLO, stream: true, ...more }, choices)),
    journal: () => (existsSync(journalFile) ? readFileSync(journalFile, "utf8").trim().split("\n").filter(Boolean).map((line) => JSON.parse(line)) : []),
    metric: async (name) => {
      const line = (await (await fetch(`${gateway.url}/metrics`)).text()).split("\n").find((one) => one.startsWith(name));
      return line === undefined ? undefined : Number(line.split(" ").at(-1));
    },
  };
}
