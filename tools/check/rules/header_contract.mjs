// A header is read by those who use it: its first lines say what it promises (ownership, thread, units, errors), so that
// nobody has to read the .cpp for that. And it is included once.

import { isCpp } from "../project.mjs";

const name = "header-contract";
const lines_max = 15;

export const rule = {
  name,
  *check(project) {
    for (const file of project.files) {
      if (!isCpp(file.path) || !file.path.endsWith(".hpp")) continue;
      const first = file.text.split("\n").slice(0, lines_max);
      if (!first.some((line) => /^\s*\/\/\s*\w/.test(line))) {
        const wrong = `no comment in the first ${lines_max} lines`;
        yield { path: file.path, line: 1, rule: name, wrong, right: "say in // what the header promises: ownership, thread, units, errors" };
      }
      if (!/^#pragma once$/m.test(file.text)) {
        yield { path: file.path, line: 1, rule: name, wrong: "no #pragma once", right: "begin with it" };
      }
    }
  },
};
