// Runs `node --test` and counts its cases, out of the TAP that it writes beside the log.

import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { reports, run, tail } from "./context.mjs";

export function readTap(text) {
  const count = (word) => Number(new RegExp(`^# ${word} (\\d+)$`, "m").exec(text)?.[1] ?? 0);
  const failures = [];
  for (const found of text.matchAll(/^( *)not ok \d+ - (.*)\n((?:\1 {2}.*\n)*)/gm)) {
    if (/failureType: 'subtestsFailed'/.test(found[3]) || / # (?:SKIP|T[O]DO)/.test(found[2])) continue;
    const location = /location: '(.*)'/.exec(found[3])?.[1] ?? "";
    const error = /error: (?:'(.*)'|\|-\n([\s\S]*?)\n {2}\1?\w+:)/.exec(found[3]);
    failures.push(`${found[2]} ${location}\n${tail(error?.[1] ?? error?.[2] ?? "", 12)}`);
  }
  return { passed: count("pass"), failed: count("fail") + count("cancelled"), skipped: count("skipped"), todo: count("todo"), failures };
}

export async function runNodeTests(name, files, options) {
  const report = join(reports, `${name}.tap`);
  rmSync(report, { force: true });
  const parameters = ["--test", "--test-concurrency=1", "--test-reporter=spec", "--test-reporter-destination=stdout"];
  parameters.push("--test-reporter=tap", `--test-reporter-destination=${report}`, ...files);
  const result = await run(name, process.execPath, parameters, options);
  const counts = readTap(existsSync(report) ? readFileSync(report, "utf8") : "");
  while (counts.failures.length < counts.failed) counts.failures.push(`a case of ${name}; see ${result.log}`);
  if (result.code !== 0 && counts.failures.length === 0) counts.failures.push(`${name} ended early\n${tail(result.output())}`);
  const skipped = counts.skipped + counts.todo;
  return { passed: counts.passed, failures: counts.failures, notes: skipped ? [`${skipped} skipped`] : [] };
}
