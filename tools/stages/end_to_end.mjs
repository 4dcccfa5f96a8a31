// The tests in JavaScript: the real binary, real clients, a real engine behind.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { root, StageError } from "./context.mjs";
import { runNodeTests } from "./tap.mjs";

function testFiles() {
  return readdirSync(join(root, "tests"), { recursive: true })
    .filter((path) => path.endsWith(".test.mjs") && !path.includes("node_modules") && !path.startsWith("browser"))
    .map((path) => join("tests", path))
    .sort();
}

export const stage = {
  name: "e2e",
  fast: false,
  async run() {
    const files = testFiles();
    if (files.length === 0) throw new StageError("there is no *.test.mjs in tests/");
    await build("release", ["punctual"]);
    return runNodeTests("e2e", files, {
      environment: { PUNCTUAL: join(root, "build/release/punctual") },
      seconds_max: 1800,
    });
  },
};
