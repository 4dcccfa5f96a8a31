// A file that nobody holds in the head is where the next thing gets added. Long files begin as the one that owns "the
// connection" or "the API"; the limit makes somebody split them while that is still easy.

const name = "file-length";
const lines_max = 700;
const lines_warn = 400;

const countLines = (text) => text.split("\n").length - (text.endsWith("\n") ? 1 : 0);

export const rule = {
  name,
  *check(project) {
    for (const file of project.files) {
      if (!/\.(cpp|hpp|mjs|ts|svelte|sh)$/.test(file.path)) continue;
      const lines = countLines(file.text);
      if (lines <= lines_warn) continue;
      yield {
        path: file.path,
        line: Math.min(lines, lines_max + 1),
        rule: name,
        warning: lines <= lines_max,
        wrong: `${lines} lines`,
        right: `at most ${lines_max}, better ${lines_warn}: split it by what changes for different reasons`,
      };
    }
  },
};
