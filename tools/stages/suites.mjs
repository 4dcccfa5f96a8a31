// The GoogleTest binaries: plain, and once more under each sanitizer.

import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { binary, build } from "./build.mjs";
import { reports, root, run, tail } from "./context.mjs";
import { withPostgresql } from "./postgresql.mjs";

const suites = { unit: "punctual_unit_tests", sim: "punctual_sim_tests" };

// The transcripts of tests/wire may have a binary of their own, or be read by the unit tests.
const wire = join(root, "tests/wire");
if (existsSync(wire) && readdirSync(wire).some((name) => name.endsWith(".cpp"))) suites.wire = "punctual_wire_tests";

const symbolizer = "/usr/bin/llvm-symbolizer-19";
const sanitizers = {
  asan: {
    ASAN_OPTIONS: `detect_stack_use_after_return=1:strict_string_checks=1:external_symbolizer_path=${symbolizer}`,
    UBSAN_OPTIONS: `print_stacktrace=1:external_symbolizer_path=${symbolizer}`,
  },
  tsan: { TSAN_OPTIONS: `second_deadlock_stack=1:external_symbolizer_path=${symbolizer}` },
};

function readReport(path) {
  const report = JSON.parse(readFileSync(path, "utf8"));
  const failures = [];
  let passed = 0;
  let skipped = 0;
  for (const suite of report.testsuites ?? []) {
    for (const test of suite.testsuite ?? []) {
      if (test.failures) failures.push(`${suite.name}.${test.name}\n${test.failures.map((failure) => failure.failure).join("\n")}`);
      else if (test.result === "SKIPPED" || test.status === "NOTRUN") ++skipped;
      else ++passed;
    }
  }
  return { passed, skipped, failures };
}

// A binary that crashed has no report, or one that it did not finish: that is one failure more.
async function runSuite(preset, suite, environment = {}) {
  const name = preset === "release" ? suite : `${preset}-${suite}`;
  const report = join(reports, `${name}.json`);
  rmSync(report, { force: true });
  const result = await run(name, binary(preset, suites[suite]), [`--gtest_output=json:${report}`, "--gtest_brief=1"], {
    environment: { ...sanitizers[preset], ...environment },
    seconds_max: 900,
  });
  const counts = existsSync(report) ? readReport(report) : { passed: 0, skipped: 0, failures: [] };
  if (result.code !== 0 && counts.failures.length === 0) {
    counts.failures.push(`${name} ended ${result.code === null ? "by a signal" : `with code ${result.code}`}\n${tail(result.output())}`);
  }
  if (counts.passed + counts.failures.length === 0) counts.failures.push(`${name} ran no test`);
  return { ...counts, notes: counts.skipped ? [`${counts.skipped} of ${name} skipped`] : [] };
}

async function runSuites(preset, names) {
  await build(preset, names.map((name) => suites[name]));
  const total = { passed: 0, failures: [], notes: [] };
  for (const name of names) {
    const counts =
      name === "unit" ? await withPostgresql((url) => runSuite(preset, name, { PUNCTUAL_TEST_POSTGRES: url })) : await runSuite(preset, name);
    total.passed += counts.passed;
    total.failures.push(...counts.failures);
    total.notes.push(...counts.notes);
  }
  return total;
}

const all = Object.keys(suites);

export const stages = [
  ...all.map((name) => ({ name, fast: true, run: () => runSuites("release", [name]) })),
  ...Object.keys(sanitizers).map((preset) => ({ name: preset, fast: false, run: () => runSuites(preset, all) })),
];
