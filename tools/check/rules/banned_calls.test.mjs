import assert from "node:assert/strict";
import test from "node:test";
import { rule } from "./banned_calls.mjs";
import { summaries } from "./testing.mjs";

const bansIn = (files) => summaries(rule, files).map((text) => /\[([\w-]+)\]/.exec(text)?.[1] ?? text);
const inFolder = (code, path = "src/relay/a.cpp") => bansIn({ [path]: code });

const bad = {
  "std::this_thread::sleep_for(delay);": ["sleep", "this-thread"],
  "usleep(1);": ["sleep"],
  "::nanosleep(&a, nullptr);": ["sleep"],
  'std::system("ls");': ["shell"],
  'auto* f = popen("ls", "r");': ["shell"],
  "strcpy(a, b);": ["c-string"],
  'std::sprintf(a, "x");': ["c-string"],
  "strtok(a, b);": ["c-string"],
  "int n = std::atoi(a);": ["ato"],
  "std::regex pattern;": ["regex"],
  "#include <regex>": ["regex"],
  "int n = rand();": ["rand"],
  "auto t = std::chrono::steady_clock::now();": ["clock"],
  "clock_gettime(CLOCK_MONOTONIC, &t);": ["clock"],
  "auto t = std::time(nullptr);": ["clock"],
  "std::mutex m;": ["lock"],
  "std::lock_guard lock(m);": ["lock"],
  "#include <mutex>": ["lock"],
  "#include <openssl/ssl.h>": ["network-header"],
  "# include <sys/epoll.h>": ["network-header"],
  "#include <sys/socket.h>": ["network-header"],
  "#include <boost/asio/awaitable.hpp>": ["network-header"],
  "#include <toml++/toml.h>": ["toml"],
  "#include <CLI/CLI.hpp>": ["command-line"],
  "std::cout << 1;": ["print"],
  'printf("x");': ["print"],
  'std::fprintf(stderr, "x");': ["print"],
  'fmt::print("x");': ["print"],
  "throw Error();": ["throw"],
  "auto* a = new Thing(1);": ["new"],
  "std::unique_ptr<Thing> thing(f()); auto* b = new Thing;": ["new"],
  "delete a;": ["new"],
  "delete[] a;": ["new"],
};

for (const [code, expected] of Object.entries(bad)) {
  test(`rejects ${code}`, () => assert.deepEqual(inFolder(code), expected));
}

const good = [
  "// throw, rand() and std::mutex are banned",
  "/* new\n std::cout */",
  'log("do not printf(x) or throw new things");',
  'auto text = R"(std::system("x"))";',
  "Thing(const Thing&) = delete;",
  "void* operator new(std::size_t size);",
  "#include <new>",
  "std::unique_ptr<Thing> thing(new Thing(1));",
  "return std::shared_ptr<Thing>(new Thing);",
  "timer.sleep(1);",
  "clock.now();",
  "clock->time();",
  "request.time(1);",
  "snprintf(a, 1, b);",
  "int new_value = renew(old);",
  "auto n = 1'000'000; throwaway();",
  "routing::random(a);",
  "char quote = '\"'; // then throw",
];

for (const code of good) {
  test(`accepts ${JSON.stringify(code)}`, () => assert.deepEqual(inFolder(code), []));
}

test("a ban ends where it is at home", () => {
  assert.deepEqual(inFolder("#include <openssl/ssl.h>\nauto t = std::chrono::steady_clock::now();", "src/net/a.cpp"), []);
  assert.deepEqual(inFolder("#include <toml++/toml.h>", "src/config/a.cpp"), []);
  assert.deepEqual(inFolder("#include <CLI/CLI.hpp>\nstd::cout << 1;", "src/app/a.cpp"), []);
});

test("tests may lock, throw and print, and may not sleep", () => {
  assert.deepEqual(inFolder('std::mutex m; throw 1; printf("x");', "src/net/a_test.cpp"), []);
  assert.deepEqual(inFolder("sleep(1);", "src/net/a_test.cpp"), ["sleep"]);
  assert.deepEqual(inFolder("usleep(1);", "tests/sim/a.cpp"), ["sleep"]);
});

test("an exception with a reason is accepted", () => {
  const files = { "src/audit/a.cpp": "std::mutex m;", "tools/check/allowed.txt": "# why\nlock src/audit/a.cpp one lock per batch\n" };
  assert.deepEqual(bansIn(files), []);
});

test("an exception is for one file and one ban", () => {
  const files = { "src/audit/b.cpp": "std::mutex m;", "src/audit/a.cpp": "std::mutex m; throw 1;", "tools/check/allowed.txt": "lock src/audit/a.cpp why\n" };
  assert.deepEqual(bansIn(files), ["lock", "throw"]);
});

test("an exception for a header and its source", () => {
  const code = { "src/net/a.hpp": "std::mutex m;", "src/net/a.cpp": "std::mutex m;", "src/net/a_b.cpp": "std::mutex m;" };
  assert.deepEqual(bansIn({ ...code, "tools/check/allowed.txt": "lock src/net/a.* why\n" }), ["lock"]);
});

test("an exception without a reason, or without use, is a finding", () => {
  const found = summaries(rule, { "src/a/a.cpp": "std::mutex m;", "tools/check/allowed.txt": "lock src/a/a.cpp\nthrow src/a/a.cpp why\n" });
  assert.equal(found.length, 3);
  assert.match(found[1], /allowed\.txt:1 an exception without all its parts/);
  assert.match(found[2], /allowed\.txt:2 nothing in src\/a\/a\.cpp needs the exception "throw"/);
});
