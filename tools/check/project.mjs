// The files that the rules look at: what git tracks, and what it would track if it were added.
// A file that is new should be found before it is committed, not after.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const isText = (bytes) => !bytes.subarray(0, 8000).includes(0);

function toFile(root, path) {
  const full = join(root, path);
  const bytes = readFileSync(full);
  if (!isText(bytes)) return null;
  return { path, text: bytes.toString("utf8"), executable: (statSync(full).mode & 0o111) !== 0 };
}

export function readProject(root) {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const paths = [...new Set(listed.split("\0"))].filter((path) => {
    const full = join(root, path);
    return path !== "" && existsSync(full) && statSync(full).isFile();
  });
  return makeProject(paths.map((path) => toFile(root, path)).filter(Boolean));
}

// A project out of { path, text, executable } objects: what the rules' own tests use.
export function makeProject(files) {
  const byPath = new Map(files.map((file) => [file.path, file]));
  return {
    files,
    has: (path) => byPath.has(path),
    text: (path) => byPath.get(path)?.text ?? "",
  };
}

export const isCpp = (path) => /\.(cpp|hpp)$/.test(path);
export const isTestCpp = (path) => /_(test|bench|fuzz)\.cpp$/.test(path) || path.startsWith("tests/");
