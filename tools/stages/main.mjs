// Runs the stages of ./test and adds up their cases. The last line is "N passed, M failed"; the exit code says the same.

import { performance } from "node:perf_hooks";
import { stage as browser } from "./browser.mjs";
import { stage as check } from "./check.mjs";
import { StageError } from "./context.mjs";
import { stage as endToEnd } from "./end_to_end.mjs";
import { stage as fuzz } from "./fuzz.mjs";
import { stages as suites } from "./suites.mjs";
import { stage as tidy } from "./tidy.mjs";

const suite = (name) => suites.find((stage) => stage.name === name);
const stages = [check, suite("unit"), suite("sim"), suite("wire"), endToEnd, browser, suite("asan"), fuzz, suite("tsan"), tidy].filter(Boolean);

const usage = `usage: ./test [--fast] [--only NAME]... [--list]\nstages: ${stages.map((stage) => stage.name).join(" ")}`;

function parseArguments(words) {
  const only = [];
  let fast = false;
  for (let index = 0; index < words.length; ++index) {
    if (words[index] === "--fast") fast = true;
    else if (words[index] === "--only" && stages.some((stage) => stage.name === words[index + 1])) only.push(words[++index]);
    else return null;
  }
  return stages.filter((stage) => (only.length ? only.includes(stage.name) : !fast || stage.fast));
}

async function runStage(stage) {
  const started = performance.now();
  let result;
  try {
    result = await stage.run();
    if (result.passed + result.failures.length === 0) result.failures.push(`${stage.name} ran nothing`);
  } catch (error) {
    result = { passed: 0, failures: [error instanceof StageError ? error.message : error.stack], notes: [] };
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  for (const failure of result.failures) console.log(`\nFAILED ${stage.name}: ${failure}\n`);
  for (const note of result.notes ?? []) console.log(`  note: ${note}`);
  const verdict = result.failures.length ? "FAILED" : "ok";
  console.log(`${stage.name.padEnd(7)} ${verdict.padEnd(6)} ${result.passed} passed, ${result.failures.length} failed, ${seconds} s`);
  return result;
}

if (process.argv.includes("--list") || process.argv.includes("--help")) {
  console.log(usage);
  process.exit(0);
}
const chosen = parseArguments(process.argv.slice(2));
if (chosen === null) {
  console.error(usage);
  process.exit(2);
}

let passed = 0;
let failed = 0;
for (const stage of chosen) {
  const result = await runStage(stage);
  passed += result.passed;
  failed += result.failures.length;
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
