#!/usr/bin/env node
// Runs every rule over the repository. Exit code 1 if one is broken; --json prints the results for ./test.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readProject } from "./project.mjs";
import { rules } from "./rules/all.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const project = readProject(root);
const results = rules.map((rule) => ({ name: rule.name, findings: [...rule.check(project)] }));
const print = (finding) => `${finding.path}:${finding.line}: ${finding.rule}: ${finding.wrong}; ${finding.right}`;
const errors = results.flatMap((result) => result.findings).filter((finding) => !finding.warning);

if (process.argv.includes("--json")) {
  const summary = results.map(({ name, findings }) => ({
    name,
    errors: findings.filter((finding) => !finding.warning).map(print),
    warnings: findings.filter((finding) => finding.warning).map(print),
  }));
  console.log(JSON.stringify(summary));
} else {
  for (const { findings } of results) {
    for (const finding of findings) console.log(`${print(finding)}${finding.warning ? " (warning)" : ""}`);
  }
  console.log(`${rules.length} rules, ${project.files.length} files, ${errors.length} findings`);
}
process.exitCode = errors.length > 0 ? 1 : 0;
