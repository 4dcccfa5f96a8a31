// A path of the machine on which a file was written is wrong on every other one. The same for the address a package
// was fetched from: a lock file names versions and checksums, and each machine asks its own registry.

import { lineAt } from "../source.mjs";

const name = "machine-path";
// Spelt apart, so that this file does not find itself.
const home = new RegExp(`(?<![\\w.$}\\-/])/(?:${"wo" + "rk"}|${"ro" + "ot"})(?=/|\\b)(?![\\w-])`, "g");
const temporary = new RegExp(`(?<![\\w.$}])/${"tm" + "p"}/`, "g");
const outside = new RegExp(`\\.\\./${"sha" + "red"}\\b`, "g");
const resolved = /"resolved":\s*"(?:https?|git\+\w+):/g;

const mayUseTemporary = (path) => path.startsWith("tests/") || /_test\.cpp$|\.test\.mjs$/.test(path);

export const rule = {
  name,
  *check(project) {
    for (const file of project.files) {
      const look = function* (pattern, right) {
        for (const found of file.text.matchAll(pattern)) {
          yield { path: file.path, line: lineAt(file.text, found.index), rule: name, wrong: `${found[0]} is a path of one machine`, right };
        }
      };
      yield* look(home, "a path relative to the repository");
      yield* look(outside, "nothing outside of the repository is named in it");
      if (!mayUseTemporary(file.path)) yield* look(temporary, "a path below build/, or what mktemp answers");
      if (file.path.endsWith("package-lock.json")) {
        yield* look(resolved, "npm config set omit-lockfile-registry-resolved=true, then npm install");
      }
    }
  },
};
