// co_await stands alone as a statement, or initialises one named local, and what it is given has names. Compilers get
// the life of temporaries around a suspension wrong, without a warning (g++ 12: double frees with an await in a
// condition, in a conditional expression, in a braced list, or beside a lambda or aggregate temporary). And a lambda
// coroutine that captures reads its captures out of the lambda, which is often gone by the time it is resumed.

import { findLambdas } from "../lambdas.mjs";
import { isCpp } from "../project.mjs";
import { isWord, lineAt, stripCommentsAndLiterals, tokenize } from "../source.mjs";

const name = "co-await";
const named = "first `auto result = co_await call(name);`, then use the result";
const control = new Set(["if", "while", "for", "switch"]);

// Whether the { at this index opens a block, and not a list of initialisers.
function opensBlock(tokens, at, lambdaBodies) {
  if (lambdaBodies.has(at)) return true;
  const before = tokens[at - 1]?.text;
  const ends = [undefined, ")", ";", "{", "}", ":", "else", "do", "try", "const", "noexcept", "override", "final", "mutable"];
  if (ends.includes(before)) return true;
  // A trailing return type, or the head of a class or namespace.
  for (let index = at - 1; index >= 0; --index) {
    const text = tokens[index].text;
    if (text === "->" && tokens[index - 1]?.text === ")") return true;
    if (["class", "struct", "namespace", "union", "enum", "extern"].includes(text)) return true;
    if (["(", ";", "{", "}", "="].includes(text)) return false;
    if ([")", "]"].includes(text) && tokens[index].match !== -1) index = tokens[index].match;
  }
  return false;
}

function enclosing(tokens, at) {
  for (let index = at - 1; index >= 0; --index) {
    const text = tokens[index].text;
    if ([")", "]", "}"].includes(text) && tokens[index].match !== -1) index = tokens[index].match;
    else if (["(", "[", "{"].includes(text)) return index;
  }
  return -1;
}

// The tokens of the statement that stand before the await, without `else`, `if (...)`, `case x:` and their like.
function beforeAwait(tokens, block, at) {
  let start = block + 1;
  for (let index = at - 1; index > block; --index) {
    const text = tokens[index].text;
    if (text === ";" || text === "}") {
      start = index + 1;
      break;
    }
    if ([")", "]"].includes(text) && tokens[index].match !== -1) index = tokens[index].match;
  }
  for (;;) {
    const first = tokens[start];
    if (["else", "do"].includes(first.text)) start += 1;
    else if (first.text === "if" && tokens[start + 1].text === "constexpr") start = tokens[start + 2].match + 1;
    else if (control.has(first.text) && tokens[start + 1].match !== -1) start = tokens[start + 1].match + 1;
    else if (["case", "default"].includes(first.text)) {
      while (start < at && tokens[start].text !== ":") ++start;
      start += 1;
    } else return tokens.slice(start, at);
  }
}

function wrongBefore(prefix) {
  const texts = prefix.map((token) => token.text);
  const joined = texts.join(" ");
  if (joined === "" || joined === "( void )") return null;
  if (texts.includes("?")) return "co_await in a conditional expression";
  if (["return", "co_return", "co_yield", "throw"].includes(texts[0])) return `${texts[0]} and co_await in one statement`;
  const isDeclaration = texts.length >= 3 && texts.at(-1) === "=" && isWord(prefix.at(-2)) && /^[\w]+|^::/.test(texts[0]);
  const typeIsPlain = texts.slice(0, -2).every((text) => /^(\w+|::|<|>|&|&&|\*|,)$/.test(text));
  if (isDeclaration && typeIsPlain) return null;
  if (texts.at(-1) === "=" && isWord(prefix.at(-2)) && texts.length === 2) return "co_await assigned to a variable that exists";
  return "co_await inside a larger expression";
}

function wrongAfter(tokens, at, lambdaStarts) {
  for (let index = at + 1, depth = 0; index < tokens.length; ++index) {
    const text = tokens[index].text;
    if (text === ";" && depth === 0) return null;
    if (text === "(" || text === "[") ++depth;
    if (text === ")" || text === "]") --depth;
    if (depth < 0) return null; // the end of a condition, which is found wrong for itself
    if (lambdaStarts.has(index)) return "a lambda made inside a co_await expression";
    if (text === "{") return "a braced temporary inside a co_await expression";
    if (text === "?") return "a conditional expression inside a co_await expression";
    if (depth === 0 && ["&&", "||", "==", "!=", "+", "-", "/", "=", ",", "|", "<=", ">="].includes(text)) {
      return "co_await inside a larger expression";
    }
  }
  return null;
}

function wrongAround(tokens, at, lambdaBodies, lambdaStarts) {
  const open = enclosing(tokens, at);
  const bracket = tokens[open]?.text;
  if (bracket === "(") {
    const before = tokens[open - 1]?.text;
    if (control.has(before) || before === "constexpr") return "co_await in a condition";
    return "co_await inside another expression";
  }
  if (bracket === "[") return "co_await in a subscript";
  if (bracket === "{" && !opensBlock(tokens, open, lambdaBodies)) return "co_await in a braced list";
  return wrongBefore(beforeAwait(tokens, open, at)) ?? wrongAfter(tokens, at, lambdaStarts);
}

function* checkLambdas(tokens, lambdas, finding) {
  const isCoroutineWord = (token) => ["co_await", "co_return", "co_yield"].includes(token.text);
  for (const lambda of lambdas) {
    if (lambda.captures === 0) continue;
    const inner = lambdas.filter((other) => other.open > lambda.open && other.close < lambda.close);
    const isOwn = (index) => !inner.some((other) => index > other.open && index < other.close);
    for (let index = lambda.open; index < lambda.close; ++index) {
      if (!isCoroutineWord(tokens[index]) || !isOwn(index)) continue;
      yield finding(
        tokens[lambda.start],
        "a coroutine lambda that captures",
        "a coroutine's parameters live in its frame, captures do not: a named function, or a lambda with [] and arguments",
      );
      break;
    }
  }
}

function* checkFile(file) {
  const code = stripCommentsAndLiterals(file.text);
  if (!/\bco_(await|return|yield)\b/.test(code)) return;
  const tokens = tokenize(code);
  const lambdas = findLambdas(tokens);
  const bodies = new Set(lambdas.map((lambda) => lambda.open));
  const starts = new Set(lambdas.map((lambda) => lambda.start));
  const finding = (token, wrong, right) => ({ path: file.path, line: lineAt(code, token.offset), rule: name, wrong, right });

  for (let at = 0; at < tokens.length; ++at) {
    if (tokens[at].text !== "co_await" || tokens[at - 1]?.text === "operator") continue;
    const wrong = wrongAround(tokens, at, bodies, starts);
    if (wrong) yield finding(tokens[at], wrong, named);
  }
  yield* checkLambdas(tokens, lambdas, finding);
}

export const rule = {
  name,
  *check(project) {
    for (const file of project.files) {
      if (isCpp(file.path)) yield* checkFile(file);
    }
  },
};
