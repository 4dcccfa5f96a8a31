// clang-tidy over the sources of the release. A file takes seconds, so one that passed is not looked at again until
// something that it includes, the flags, the checks or clang-tidy itself has changed: that is what its key is made of.
// Keys lie beside ccache's files, so that what one clone has looked at, another need not.

import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, relative, resolve } from "node:path";
import { build } from "./build.mjs";
import { cores, inParallel, root, run, StageError } from "./context.mjs";

const preset = join(root, "build/release");
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "punctual-tidy");
const keptDays = 30;

// What each object was made of, as ninja remembers it: a map from the object to its files.
function readDependencies() {
  const text = execFileSync("ninja", ["-C", preset, "-t", "deps"], { encoding: "utf8", maxBuffer: 512 * 1024 * 1024 });
  const dependencies = new Map();
  let current = null;
  for (const line of text.split("\n")) {
    const head = /^(\S+): #deps/.exec(line);
    if (head) dependencies.set(head[1], (current = []));
    else if (line.startsWith("    ")) current?.push(line.trim());
  }
  return dependencies;
}

const hash = (...parts) => parts.reduce((sum, part) => sum.update(part).update("\0"), createHash("sha256")).digest("hex");
const remembered = new Map();

function contentHash(path) {
  const full = resolve(preset, path);
  if (!remembered.has(full)) remembered.set(full, existsSync(full) ? hash(readFileSync(full)) : "gone");
  return remembered.get(full);
}

// Null if ninja does not know what the file includes: then it is looked at every time.
function keyOf(entry, dependencies, common) {
  const files = dependencies.get(/ -o (\S+)/.exec(entry.command)?.[1]);
  if (!files) return null;
  const withoutRoot = (text) => text.replaceAll(root, "");
  const contents = files.map((path) => `${withoutRoot(resolve(preset, path))}=${contentHash(path)}`);
  return hash(common, withoutRoot(entry.command), contentHash(entry.file), ...contents);
}

async function tidy(entry, key) {
  const path = relative(root, entry.file);
  const marker = key && join(cache, key);
  if (marker && existsSync(marker)) {
    utimesSync(marker, new Date(), new Date());
    return { cached: true };
  }
  const result = await run(`tidy/${path.replaceAll("/", "-")}`, "clang-tidy-19", ["-p", preset, "--quiet", entry.file]);
  if (result.code === 0) {
    if (marker) writeFileSync(marker, path);
    return {};
  }
  const lines = result.output().split("\n").filter((line) => /(?:error|warning): /.test(line));
  return { path, lines: lines.map((line) => line.replaceAll(`${root}/`, "").replace(",-warnings-as-errors", "")) };
}

function forgetOldKeys() {
  const oldest = Date.now() - keptDays * 24 * 3600 * 1000;
  for (const name of readdirSync(cache)) {
    const path = join(cache, name);
    if (statSync(path).mtimeMs < oldest) rmSync(path);
  }
}

// What is wrong in a header is found in every file that includes it, and told once.
function toFailures(results) {
  const told = new Set();
  return results
    .filter((result) => result.lines)
    .map(({ path, lines }) => {
      const fresh = lines.filter((line) => !told.has(line) && told.add(line));
      if (fresh.length > 0) return [path, ...fresh].join("\n");
      return lines.length > 0 ? `${path}: only what is told above` : `${path}: clang-tidy failed; see build/test/tidy`;
    });
}

export const stage = {
  name: "tidy",
  fast: false,
  async run() {
    await build("release", []);
    mkdirSync(cache, { recursive: true });
    forgetOldKeys();
    mkdirSync(join(root, "build/test/tidy"), { recursive: true });
    const source = join(realpathSync(root), "src/");
    const entries = JSON.parse(readFileSync(join(preset, "compile_commands.json"), "utf8")).filter(
      (entry) => realpathSync(entry.file).startsWith(source) && !/_(test|bench|fuzz)\.cpp$/.test(entry.file),
    );
    if (entries.length === 0) throw new StageError("there is no source to look at");
    const version = execFileSync("clang-tidy-19", ["--version"], { encoding: "utf8" });
    const common = hash(version, readFileSync(join(root, ".clang-tidy")));
    const dependencies = readDependencies();
    const tasks = entries.map((entry) => () => tidy(entry, keyOf(entry, dependencies, common)));
    const results = await inParallel(cores, tasks);
    const failures = toFailures(results);
    const cached = results.filter((result) => result.cached).length;
    return { passed: entries.length - failures.length, failures, notes: cached ? [`${cached} unchanged since they last passed`] : [] };
  },
};
