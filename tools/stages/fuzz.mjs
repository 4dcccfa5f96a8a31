// A short run of every fuzz target: enough to find what was broken today. `make fuzz` runs them for longer.
// New inputs gather in build/fuzz; the seeds in tests/fuzz/<target> are read and never written.

import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { binary, build } from "./build.mjs";
import { cores, inParallel, root, run, StageError, tail } from "./context.mjs";

const seconds = Number(process.env.PUNCTUAL_FUZZ_SECONDS ?? 10);

function targets() {
  return readdirSync(join(root, "src"), { recursive: true })
    .filter((path) => path.endsWith("_fuzz.cpp"))
    .map((path) => basename(path, ".cpp"))
    .sort();
}

async function fuzz(target) {
  const corpus = join(root, "build/fuzz", target);
  mkdirSync(corpus, { recursive: true });
  const seeds = [target, target.replace(/_fuzz$/, "")].map((name) => join(root, "tests/fuzz", name)).find((path) => existsSync(path));
  const parameters = [
    `-max_total_time=${seconds}`,
    "-timeout=10",
    "-rss_limit_mb=2048",
    "-print_final_stats=1",
    `-artifact_prefix=${join(root, "build/test", `${target}-`)}`,
    corpus,
    ...(seeds ? [seeds] : []),
  ];
  const result = await run(`fuzz-${target}`, binary("asan", join("fuzz", target)), parameters, { seconds_max: seconds + 120 });
  const runs = Number(/stat::number_of_executed_units:\s*(\d+)/.exec(result.output())?.[1] ?? 0);
  if (result.code !== 0) return { failure: `${target}\n${tail(result.output(), 40)}` };
  if (runs === 0) return { failure: `${target} ran no input\n${tail(result.output())}` };
  return { failure: null };
}

export const stage = {
  name: "fuzz",
  fast: false,
  async run() {
    const names = targets();
    if (names.length === 0) throw new StageError("there is no *_fuzz.cpp in src/");
    await build("asan", names);
    const results = await inParallel(cores, names.map((name) => () => fuzz(name)));
    const failures = results.map((result) => result.failure).filter(Boolean);
    return { passed: names.length - failures.length, failures, notes: [] };
  },
};
