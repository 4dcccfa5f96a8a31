// The exceptions of allowed.txt: "<what> <path> <reason>" per line. The reason is not optional. A path that ends in .*
// stands for a header and its source.

export const allowedPath = "tools/check/allowed.txt";

const covers = (allowed, path) => allowed === path || (allowed.endsWith(".*") && /^(?:hpp|cpp)$/.test(path.slice(allowed.length - 1)) && path.startsWith(allowed.slice(0, -1)));

export function readAllowed(text) {
  const entries = [];
  const malformed = [];
  text.split("\n").forEach((content, index) => {
    if (/^\s*(#|$)/.test(content)) return;
    const parts = content.trim().match(/^(\S+)\s+(\S+)\s+(\S.*)$/);
    if (parts) entries.push({ what: parts[1], path: parts[2], reason: parts[3], line: index + 1, used: false });
    else malformed.push(index + 1);
  });
  return {
    entries,
    malformed,
    // True if the path is excepted; remembers that the entry was of use.
    permits(what, path) {
      const entry = entries.find((candidate) => candidate.what === what && covers(candidate.path, path));
      if (entry) entry.used = true;
      return entry !== undefined;
    },
  };
}
