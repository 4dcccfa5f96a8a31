// The repository checks, their own tests, and the form of the C++ files.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root, run, StageError, tail } from "./context.mjs";
import { runNodeTests } from "./tap.mjs";

const testsBelow = (folder) =>
  readdirSync(join(root, folder), { recursive: true })
    .filter((path) => path.endsWith(".test.mjs"))
    .map((path) => join(folder, path));

async function runRules() {
  const result = await run("rules", process.execPath, ["tools/check/main.mjs", "--json"]);
  const line = result.output().split("\n").find((text) => text.startsWith("[{"));
  if (!line) throw new StageError(`the repository checks crashed\n${tail(result.output())}`);
  const rules = JSON.parse(line);
  return {
    passed: rules.filter((rule) => rule.errors.length === 0).length,
    failures: rules.filter((rule) => rule.errors.length > 0).map((rule) => `${rule.name}\n${rule.errors.join("\n")}`),
    notes: rules.flatMap((rule) => rule.warnings),
  };
}

async function checkFormat() {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.cpp", "*.hpp"], { cwd: root, encoding: "utf8" });
  const files = [...new Set(listed.split("\0"))].filter((path) => path && existsSync(join(root, path)));
  if (files.length === 0) return { passed: 0, failures: ["there is no C++ to look at"] };
  const result = await run("format", "clang-format-19", ["--dry-run", "--Werror", "--ferror-limit=1", ...files]);
  if (result.code === 0) return { passed: 1, failures: [] };
  const wrong = [...result.output().matchAll(/^(.*?):\d+:\d+: error/gm)].map((found) => found[1]);
  return { passed: 0, failures: [`clang-format-19 would change these; make format\n${[...new Set(wrong)].join("\n")}`] };
}

export const stage = {
  name: "check",
  fast: true,
  async run() {
    const parts = [
      await runNodeTests("check", [...testsBelow("tools/check"), ...testsBelow("tools/stages")]),
      await runRules(),
      await checkFormat(),
    ];
    return {
      passed: parts.reduce((sum, part) => sum + part.passed, 0),
      failures: parts.flatMap((part) => part.failures),
      notes: parts.flatMap((part) => part.notes ?? []),
    };
  },
};
