// C++ as the rules need it: the same text with comments, or comments and literals, blanked out (every position and
// line stays where it was), and its tokens. It knows no grammar; the rules ask small questions of it.

const blank = (text) => text.replace(/[^\n]/g, " ");

// One alternative per kind of region; raw strings first, since anything may stand in them. An apostrophe
// between digits (1'000) separates them and opens nothing.
const regions =
  /(?<raw>R"(?<mark>[^()\\ \n]{0,16})\([\s\S]*?\)\k<mark>")|(?<comment>\/\/(?:\\\n|[^\n])*|\/\*[\s\S]*?\*\/)|(?<string>"(?:\\[\s\S]|[^"\\\n])*")|(?<digits>[0-9a-fA-F]'(?=[0-9a-fA-F]))|(?<character>'(?:\\[\s\S]|[^'\\\n])*')/g;

// A literal keeps its quotes: the rules see that one stands there, not what it says.
function hollow(literal) {
  return `"${blank(literal.slice(1, -1))}"`;
}

export function stripComments(text) {
  return text.replace(regions, (match, ...rest) => (rest.at(-1).comment === undefined ? match : blank(match)));
}

export function stripCommentsAndLiterals(text) {
  return text.replace(regions, (match, ...rest) => {
    const groups = rest.at(-1);
    if (groups.digits !== undefined) return match;
    return groups.comment === undefined ? hollow(match) : blank(match);
  });
}

export function lineAt(text, offset) {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) ++line;
  return line;
}

const tokenPattern = /[A-Za-z_]\w*|[0-9][\w'.]*|"[^"]*"|::|->|&&|\|\||[=!<>+\-*/%&|^]=|\+\+|--|[^\s\w]/g;

// Tokens of stripped text, preprocessor lines left out: { text, offset, match }, where match is the index of the
// bracket that closes or opens this one, or -1. Angle brackets are not paired: that takes a compiler.
export function tokenize(stripped) {
  const code = stripped.replace(/^[ \t]*#(?:\\\n|[^\n])*/gm, blank);
  const tokens = [...code.matchAll(tokenPattern)].map((found) => ({ text: found[0], offset: found.index, match: -1 }));
  const open = [];
  const partner = { ")": "(", "]": "[", "}": "{" };
  tokens.forEach((token, index) => {
    if ("([{".includes(token.text)) open.push(index);
    const wanted = partner[token.text];
    if (wanted && open.length && tokens[open.at(-1)].text === wanted) {
      token.match = open.pop();
      tokens[token.match].match = index;
    }
  });
  return tokens;
}

export const isWord = (token) => token !== undefined && /^[A-Za-z_]/.test(token.text);
