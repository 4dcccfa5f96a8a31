import assert from "node:assert/strict";
import test from "node:test";
import { rule } from "./include_direction.mjs";
import { summaries } from "./testing.mjs";

const cmake = `# The ground floor
punctual_library(base LIBRARIES fmt::fmt)
punctual_library(net DEPENDS base
  LIBRARIES OpenSSL::SSL)
punctual_library(backend/cloud DEPENDS net)
punctual_library(backend DEPENDS backend_cloud base)
punctual_library(relay DEPENDS backend)
`;
const check = (path, code, list = cmake) => summaries(rule, { "src/CMakeLists.txt": list, [path]: code });

test("accepts its own folder, what it depends on, and what that depends on", () => {
  const code = '#include "relay/relay.hpp"\n#include "backend/backend.hpp"\n#include "backend/cloud/pool.hpp"\n#include "base/error.hpp"\n#include <vector>';
  assert.deepEqual(check("src/relay/a.cpp", code), []);
});

test("accepts a subfolder that is no library as its top folder", () => {
  assert.deepEqual(check("src/relay/detail/a.cpp", '#include "backend/local/b.hpp"'), []);
});

test("rejects an include against the direction", () => {
  assert.deepEqual(check("src/net/a.cpp", '#include "base/a.hpp"\n#include "relay/relay.hpp"'), [
    "src/net/a.cpp:2 net includes relay, on which it does not depend",
  ]);
});

test("rejects it between a library and a library below it", () => {
  assert.deepEqual(check("src/backend/cloud/a.cpp", '#include "backend/backend.hpp"'), [
    "src/backend/cloud/a.cpp:1 backend/cloud includes backend, on which it does not depend",
  ]);
});

test("rejects relative includes and folders that nobody listed", () => {
  assert.deepEqual(check("src/net/a.hpp", '#include "stream.hpp"\n#include "../base/a.hpp"\n#include "other/a.hpp"'), [
    'src/net/a.hpp:1 "stream.hpp" is relative',
    'src/net/a.hpp:2 "../base/a.hpp" is relative',
    'src/net/a.hpp:3 "other/a.hpp" is in no library of src/CMakeLists.txt',
  ]);
  assert.equal(check("src/other/a.cpp", "").length, 1);
});

test("an include in a comment is none", () => {
  assert.deepEqual(check("src/net/a.cpp", '// #include "relay/relay.hpp"\n/*\n#include "relay/relay.hpp"\n*/'), []);
});

test("rejects a library that stands before what it depends on", () => {
  const found = check("src/a/a.cpp", "", "punctual_library(a DEPENDS b)\npunctual_library(b DEPENDS a gone)\n");
  assert.deepEqual(found, [
    "src/CMakeLists.txt:1 a comes before b, on which it depends",
    "src/CMakeLists.txt:2 b depends on gone, which is no library",
  ]);
});
