// Who opens a folder wants to know what it is for, what comes in and what goes out, before opening a file of it. At most
// forty lines, or it is not read. A folder with one source file (a main.cpp) is described by the one above it.

import { dirname } from "node:path";

const name = "folder-readme";
const lines_max = 40;

export const rule = {
  name,
  *check(project) {
    const sources = new Map();
    for (const file of project.files) {
      const folder = dirname(file.path);
      if (folder.startsWith("src/") && /\.(cpp|hpp|ts|svelte)$/.test(file.path)) sources.set(folder, (sources.get(folder) ?? 0) + 1);
    }
    for (const [folder, count] of sources) {
      const path = `${folder}/README.md`;
      const isTop = folder.split("/").length === 2;
      if (!project.has(path)) {
        if (isTop || count > 1) {
          yield { path, line: 1, rule: name, wrong: "missing", right: "say in a few lines what the folder is for, and its way in and out" };
        }
        continue;
      }
      const lines = project.text(path).trimEnd().split("\n").length;
      if (lines > lines_max) {
        yield { path, line: lines_max + 1, rule: name, wrong: `${lines} lines`, right: `at most ${lines_max}; move the rest to docs/` };
      }
    }
  },
};
