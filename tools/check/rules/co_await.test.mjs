import assert from "node:assert/strict";
import test from "node:test";
import { rule } from "./co_await.mjs";
import { summaries } from "./testing.mjs";

const inBody = (statements) => ({ "src/a/a.cpp": `Task<void> run(Stream& s) {\n${statements}\n}\n` });
const wrong = (statements) => summaries(rule, inBody(statements)).map((text) => text.replace(/^\S+ /, ""));

const good = {
  "a statement": "co_await f(a);",
  "a named local": "auto x = co_await f(a);",
  "a typed local": "const std::expected<std::size_t, Error> x = co_await s.read(buffer, deadline);",
  "a reference": "auto&& x = co_await f();",
  "the result dropped": "(void)co_await f(a);",
  "the body of an if": "if (a) co_await f(a);",
  "the body of an if constexpr": "if constexpr (a) co_await f(a);",
  "the body of an else": "if (a) { b(); } else co_await f(a);",
  "the body of a loop": "for (int i = 0; i < 3; ++i) co_await f(i);\nwhile (g(a)) { auto x = co_await f(a); use(x); }",
  "a case": "switch (a) { case Kind::one: co_await f(a); break; default: co_await g(a); }",
  "after a block": "{ b(); }\nco_await f(a);",
  "calls as arguments": "co_await f(std::move(a), b.c(), d->e, *g, &h, i[1]);",
  "a template argument": "co_await f<int>(a);",
  "a comment with a brace": "co_await f(a /* { */);  // if (co_await g())",
  "a literal with a brace": 'co_await f("{ ? co_await");',
  "a lambda that captures and awaits nothing": "auto g = [&] { return 1; };\nco_await f(g);",
  "a lambda coroutine without captures": "spawn([](Stream& s) -> Task<void> { co_await s.close(); }(s));",
  "a capturing lambda around one without captures": "run([&] { spawn([]() -> Task<void> { co_await f(); }); });",
  "a structured binding of something else": "const auto& [a, b] = pair;\nco_await f(a);",
  "an operator co_await": "auto operator co_await() { return 1; }",
};

const bad = {
  "if (co_await f()) g();": "co_await in a condition",
  "while (!co_await f()) g();": "co_await in a condition",
  "switch (co_await f()) {}": "co_await in a condition",
  "for (auto x : co_await f()) g(x);": "co_await in a condition",
  "if (auto x = co_await f(); x) g();": "co_await in a condition",
  "auto x = c ? co_await f() : y;": "co_await in a conditional expression",
  "co_return co_await f();": "co_return and co_await in one statement",
  "g(co_await f());": "co_await inside another expression",
  "auto x = g(co_await f());": "co_await inside another expression",
  "auto x = (co_await f()).value();": "co_await inside another expression",
  "auto x = Pair{co_await f()};": "co_await in a braced list",
  "Pair x{co_await f(), 1};": "co_await in a braced list",
  "auto x = a[co_await f()];": "co_await in a subscript",
  "x = co_await f();": "co_await assigned to a variable that exists",
  "auto x = co_await f() + 1;": "co_await inside a larger expression",
  "auto x = co_await f() && g();": "co_await inside a larger expression",
  "auto [a, b] = co_await f();": "co_await inside a larger expression",
  "auto x = g() + co_await f();": "co_await inside a larger expression",
  "co_await f(Options{1, 2});": "a braced temporary inside a co_await expression",
  "co_await f({});": "a braced temporary inside a co_await expression",
  "co_await f(a ? b : c);": "a conditional expression inside a co_await expression",
  "co_await f([] { return 1; });": "a lambda made inside a co_await expression",
  "auto x = co_await f([&](int a) { return a; });": "a lambda made inside a co_await expression",
};

for (const [title, code] of Object.entries(good)) {
  test(`accepts ${title}`, () => assert.deepEqual(wrong(code), []));
}

for (const [code, message] of Object.entries(bad)) {
  test(`rejects ${code}`, () => assert.deepEqual(wrong(code), [message]));
}

test("rejects an await among an await's arguments", () => {
  assert.deepEqual(wrong("co_await f(co_await g());"), ["co_await inside another expression"]);
});

for (const word of ["co_await f();", "co_return;", "co_yield 1;"]) {
  test(`rejects a capturing lambda with ${word}`, () => {
    assert.deepEqual(wrong(`auto g = [this, &a](int b) mutable -> Task<void> { ${word} };`), ["a coroutine lambda that captures"]);
  });
}

test("names the line", () => {
  assert.match(summaries(rule, inBody("b();\nif (co_await f()) g();"))[0], /^src\/a\/a\.cpp:3 /);
});

test("finds a capturing coroutine inside of another lambda", () => {
  assert.deepEqual(wrong("run([] { spawn([&]() -> Task<void> { co_await f(); }); });"), ["a coroutine lambda that captures"]);
});
