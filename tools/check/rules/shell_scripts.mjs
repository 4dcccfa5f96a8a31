// Scripts are the first thing that a newcomer runs. They must parse, start, and stop at the first error instead of
// going on with half of it.

import { spawnSync } from "node:child_process";

const name = "shell-script";

function syntaxError(text) {
  const result = spawnSync("bash", ["-n"], { input: text, encoding: "utf8" });
  return result.status === 0 ? null : result.stderr.trim().split("\n")[0];
}

export const rule = {
  name,
  *check(project) {
    for (const file of project.files) {
      const shebang = /^#!.*/.exec(file.text)?.[0] ?? "";
      if (shebang && !file.executable) {
        yield { path: file.path, line: 1, rule: name, wrong: "has a #! line and is not executable", right: "chmod +x, or drop the line" };
      }
      const isShell = file.path.endsWith(".sh") || /\b(ba)?sh\b/.test(shebang);
      if (!isShell) continue;
      const error = syntaxError(file.text);
      if (error) {
        const line = Number(/line (\d+)/.exec(error)?.[1] ?? 1);
        yield { path: file.path, line, rule: name, wrong: error, right: "make `bash -n` accept it" };
      }
      if (shebang.includes("bash") && !/^set -euo pipefail$/m.test(file.text)) {
        yield { path: file.path, line: 1, rule: name, wrong: "goes on after an error", right: "set -euo pipefail" };
      }
    }
  },
};
