// The lambdas in a list of tokens, told from subscripts, attributes and structured bindings.

import { isWord } from "./source.mjs";

// After these words a [ opens a lambda although a word stands before it.
const beforeExpression = new Set(["return", "co_return", "co_await", "co_yield", "case", "throw", "else", "do"]);

const isValueEnd = (token) =>
  token !== undefined && ((isWord(token) && !beforeExpression.has(token.text)) || [")", "]"].includes(token.text) || token.text.startsWith('"'));

// Where the body of the lambda opens, looking on from the token after its captures.
function findBody(tokens, from) {
  for (let at = from; at < tokens.length; ++at) {
    const text = tokens[at].text;
    if (text === "{") return at;
    if (text === "(" || text === "[") at = tokens[at].match === -1 ? tokens.length : tokens[at].match;
    else if (text === ";" || text === ")" || text === "}" || text === "=") return -1;
  }
  return -1;
}

// Each as { start, captures, open, close }: indexes of [ and of the braces of the body; captures counts tokens.
export function findLambdas(tokens) {
  const lambdas = [];
  tokens.forEach((token, start) => {
    if (token.text !== "[" || token.match === -1 || isValueEnd(tokens[start - 1])) return;
    if (tokens[start + 1].text === "[" || tokens[start - 1]?.text === "[") return; // an attribute
    const next = tokens[token.match + 1]?.text;
    if (!["(", "{", "<", "->", "mutable", "noexcept", "constexpr", "static"].includes(next)) return;
    const open = findBody(tokens, token.match + 1);
    if (open === -1 || tokens[open].match === -1) return;
    lambdas.push({ start, captures: token.match - start - 1, open, close: tokens[open].match });
  });
  return lambdas;
}
