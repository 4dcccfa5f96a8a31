// Includes go one way. A request passes the folders in an order, and a folder knows only what comes after it and the
// ground floor: so a part can be read, tested and changed without those that use it. src/CMakeLists.txt says what each
// folder depends on; the linker cannot hold it to that (headers, static libraries, one test binary), this rule can.

import { libraryOf, librariesPath, reachable, readLibraries } from "../libraries.mjs";
import { isCpp } from "../project.mjs";
import { lineAt, stripComments } from "../source.mjs";

const name = "include-direction";

function* checkOrder(libraries) {
  const above = new Set();
  for (const library of libraries.values()) {
    for (const wanted of library.depends) {
      if (above.has(wanted)) continue;
      const wrong = libraries.has(wanted) ? `comes before ${wanted}, on which it depends` : `depends on ${wanted}, which is no library`;
      yield {
        path: librariesPath,
        line: library.line,
        rule: name,
        wrong: `${library.name} ${wrong}`,
        right: "list a library below all that it uses; if two need each other, move what both use into a third",
      };
    }
    above.add(library.name);
  }
}

function* checkFile(file, libraries) {
  const own = libraryOf(libraries, file.path.slice("src/".length));
  const code = stripComments(file.text);
  const finding = (offset, wrong, right) => ({ path: file.path, line: lineAt(code, offset), rule: name, wrong, right });
  if (own === null) {
    yield finding(0, "no library of src/CMakeLists.txt has this folder", "add a punctual_library for it");
    return;
  }
  const allowed = reachable(libraries, own);
  for (const include of code.matchAll(/^[ \t]*#[ \t]*include[ \t]*"([^"\n]*)"/gm)) {
    const wanted = include[1];
    if (wanted.startsWith(".") || !wanted.includes("/")) {
      yield finding(include.index, `"${wanted}" is relative`, 'write the path below src/, as in "net/stream.hpp"');
      continue;
    }
    const target = libraryOf(libraries, wanted);
    if (target === null) {
      yield finding(include.index, `"${wanted}" is in no library of src/CMakeLists.txt`, "use <> for what is not ours");
    } else if (!allowed.has(target)) {
      yield finding(
        include.index,
        `${own} includes ${target}, on which it does not depend`,
        `what ${own} needs comes in as a value or a callback; or, if the direction is right, add ${target} to its DEPENDS`,
      );
    }
  }
}

export const rule = {
  name,
  *check(project) {
    const libraries = readLibraries(project.text(librariesPath));
    yield* checkOrder(libraries);
    for (const file of project.files) {
      if (file.path.startsWith("src/") && isCpp(file.path)) yield* checkFile(file, libraries);
    }
  },
};
