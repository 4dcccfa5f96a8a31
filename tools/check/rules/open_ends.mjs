// A note to do something later is read by nobody. What is worth doing is an issue; what is not is deleted.

import { lineAt } from "../source.mjs";

const name = "open-end";
// Spelt apart, so that this file does not find itself.
const pattern = new RegExp(`\\b(?:${["TO" + "DO", "FIX" + "ME", "XX" + "X"].join("|")})\\b`, "g");

export const rule = {
  name,
  *check(project) {
    for (const file of project.files) {
      if (!/\.(cpp|hpp|mjs|ts|svelte|sh|cmake|txt|toml)$/.test(file.path) && !file.text.startsWith("#!")) continue;
      for (const found of file.text.matchAll(pattern)) {
        yield { path: file.path, line: lineAt(file.text, found.index), rule: name, wrong: found[0], right: "do it now, or open an issue" };
      }
    }
  },
};
