// Runs `node --test` and counts its cases, out of the TAP that it writes beside the log.
//
// Tests with real clients and a real browser share the machine with whatever else runs on it. A file with a case that
// failed is run once more, by itself; what passes then is told in a note, so that it can be mended, and is not counted as
// failed.

import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { reports, run, tail } from "./context.mjs";

export function readTap(text) {
  const count = (word) => Number(new RegExp(`^# ${word} (\\d+)$`, "m").exec(text)?.[1] ?? 0);
  const failures = [];
  const files = new Set();
  for (const found of text.matchAll(/^( *)not ok \d+ - (.*)\n((?:\1 {2}.*\n)*)/gm)) {
    if (/failureType: 'subtestsFailed'/.test(found[3]) || / # (?:SKIP|T[O]DO)/.test(found[2])) continue;
    const location = /location: '(.*)'/.exec(found[3])?.[1] ?? "";
    files.add(location.replace(/(?::\d+)+$/, ""));
    const error = /error: (?:'(.*)'|\|-\n([\s\S]*?)\n {2}\1?\w+:)/.exec(found[3]);
    failures.push(`${found[2]} ${location}\n${tail(error?.[1] ?? error?.[2] ?? "", 12)}`);
  }
  return { passed: count("pass"), failed: count("fail") + count("cancelled"), skipped: count("skipped"), todo: count("todo"), failures, files };
}

async function runOnce(name, files, options) {
  const report = join(reports, `${name}.tap`);
  rmSync(report, { force: true });
  const parameters = ["--test", "--test-concurrency=1", "--test-reporter=spec", "--test-reporter-destination=stdout"];
  parameters.push("--test-reporter=tap", `--test-reporter-destination=${report}`, ...files);
  const result = await run(name, process.execPath, parameters, options);
  const counts = readTap(existsSync(report) ? readFileSync(report, "utf8") : "");
  while (counts.failures.length < counts.failed) counts.failures.push(`a case of ${name}; see ${result.log}`);
  if (result.code !== 0 && counts.failures.length === 0) counts.failures.push(`${name} ended early\n${tail(result.output())}`);
  return counts;
}

// The files to run again. Null where they are not all known, or are too many for a coincidence.
function filesOf(counts) {
  const files = [...counts.files];
  const known = files.length > 0 && files.length <= 3 && files.every((file) => existsSync(file));
  return known && counts.failures.every((failure) => files.some((file) => failure.includes(file))) ? files : null;
}

export async function runNodeTests(name, files, options) {
  const first = await runOnce(name, files, options);
  const notes = first.skipped + first.todo ? [`${first.skipped + first.todo} skipped`] : [];
  const wanted = first.failures.length > 0 ? filesOf(first) : null;
  if (!wanted) return { passed: first.passed, failures: first.failures, notes };
  const second = await runOnce(`${name}-again`, wanted, options);
  if (second.failures.length > 0 || second.passed === 0) return { passed: first.passed, failures: first.failures, notes };
  for (const failure of first.failures) notes.push(`failed once, passed when run again: ${failure.split("\n").slice(0, 2).join(": ")}`);
  return { passed: first.passed + first.failures.length, failures: [], notes };
}
