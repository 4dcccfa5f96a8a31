import assert from "node:assert/strict";
import test from "node:test";
import { findLambdas } from "./lambdas.mjs";
import { lineAt, stripComments, stripCommentsAndLiterals, tokenize } from "./source.mjs";

const strip = stripCommentsAndLiterals;

test("positions stay where they were", () => {
  const text = 'a /* x\n y */ "str\\"ing" // end\n R"d(raw\n")d" b';
  assert.equal(strip(text).length, text.length);
  assert.equal(strip(text).indexOf("b"), text.lastIndexOf("b"));
  assert.equal(lineAt(strip(text), text.lastIndexOf("b")), 4);
});

test("comments in literals and literals in comments", () => {
  assert.equal(strip('f("// no"); g'), 'f("     "); g');
  assert.equal(strip('a // "open\nb').trim().split("\n")[1], "b");
  assert.equal(stripComments('f("// no"); // yes').trim(), 'f("// no");');
});

test("apostrophes between digits open nothing", () => {
  assert.equal(strip("1'000'000 + 'x' + 0xff'ff"), "1'000'000 + \" \" + 0xff'ff");
});

test("brackets find their partners", () => {
  const tokens = tokenize("f(a[1], {b});");
  assert.equal(tokens[1].match, tokens.length - 2);
  assert.equal(tokens[tokens[1].match].match, 1);
});

test("preprocessor lines are no tokens", () => {
  assert.deepEqual(tokenize("#define A(x) { \\\n x\nb").map((token) => token.text), ["b"]);
});

test("lambdas are told from subscripts, attributes and bindings", () => {
  const count = (code) => findLambdas(tokenize(code)).length;
  assert.equal(count("[[nodiscard]] int f(); a[1]; f()[2]; auto [b, c] = d; for (auto& [e, g] : h) {} int i[3] = {};"), 0);
  assert.equal(count("[] {}; [&](int a) { return a; }; f([a = b]() mutable noexcept -> int { return 1; });"), 3);
  assert.equal(count("return [x] { return x; };"), 1);
});
