// The web UI: its types, lint and unit tests, then the pages in a real browser at the real binary.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { root, run, StageError, tail } from "./context.mjs";
import { runNodeTests } from "./tap.mjs";

const scripts = ["types", "check", "lint", "test"];

async function runScript(name) {
  const result = await run(`web-${name}`, "npm", ["run", "--prefix", "web", name]);
  return result.code === 0 ? { passed: 1, failures: [] } : { passed: 0, failures: [`npm run ${name}\n${tail(result.output(), 40)}`] };
}

export const stage = {
  name: "browser",
  fast: false,
  async run() {
    const files = readdirSync(join(root, "tests/browser"))
      .filter((name) => name.endsWith(".test.mjs"))
      .map((name) => join("tests/browser", name))
      .sort();
    if (files.length === 0) throw new StageError("there is no *.test.mjs in tests/browser");
    const parts = [];
    for (const name of scripts) parts.push(await runScript(name));
    await build("release", ["punctual"]);
    parts.push(await runNodeTests("browser", files, { environment: { PUNCTUAL: join(root, "build/release/punctual") }, seconds_max: 1800 }));
    return {
      passed: parts.reduce((sum, part) => sum + part.passed, 0),
      failures: parts.flatMap((part) => part.failures),
      notes: parts.flatMap((part) => part.notes ?? []),
    };
  },
};
