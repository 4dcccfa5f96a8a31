// Calls and headers that compile and are wrong here, each with its reason (bans.mjs). Exceptions are listed with theirs
// (allowed.txt), and an exception that nobody needs any more is a finding too: the list must stay true.

import { allowedPath, readAllowed } from "../allowed.mjs";
import { isCpp, isTestCpp } from "../project.mjs";
import { lineAt, stripComments, stripCommentsAndLiterals } from "../source.mjs";
import { bans } from "./bans.mjs";

const name = "banned-call";

function* occurrences(ban, code, withLiterals) {
  if (ban.pattern) {
    const withoutIncludes = code.replace(/^[ \t]*#[ \t]*include[^\n]*/gm, (line) => " ".repeat(line.length));
    for (const found of withoutIncludes.matchAll(ban.pattern)) yield { offset: found.index, text: found[0].replace(/\s*\($/, "") };
  }
  if (ban.include) {
    for (const found of withLiterals.matchAll(/^[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]*)[>"]/gm)) {
      if (ban.include.test(found[1])) yield { offset: found.index, text: `<${found[1]}>` };
    }
  }
}

function* checkFile(file, allowed) {
  const code = stripCommentsAndLiterals(file.text);
  const withLiterals = stripComments(file.text);
  for (const ban of bans) {
    if (ban.except(file.path) || (isTestCpp(file.path) && !ban.tests)) continue;
    for (const { offset, text } of occurrences(ban, code, withLiterals)) {
      if (allowed.permits(ban.what, file.path)) continue;
      yield { path: file.path, line: lineAt(code, offset), rule: name, wrong: `${text.trim()} [${ban.what}]: ${ban.why}`, right: ban.right };
    }
  }
}

export const rule = {
  name,
  *check(project) {
    const allowed = readAllowed(project.text(allowedPath));
    for (const file of project.files) {
      if (isCpp(file.path)) yield* checkFile(file, allowed);
    }
    for (const line of allowed.malformed) {
      yield { path: allowedPath, line, rule: name, wrong: "an exception without all its parts", right: "<what> <path> <reason>" };
    }
    for (const entry of allowed.entries.filter((candidate) => !candidate.used)) {
      const wrong = `nothing in ${entry.path} needs the exception "${entry.what}"`;
      yield { path: allowedPath, line: entry.line, rule: name, wrong, right: "remove it" };
    }
  },
};
