// The rules that look at a file from outside: its length, its head, its paths, its neighbours.

import assert from "node:assert/strict";
import test from "node:test";
import { rule as fileLength } from "./file_length.mjs";
import { rule as folderReadme } from "./folder_readme.mjs";
import { rule as headerContract } from "./header_contract.mjs";
import { rule as machinePath } from "./machine_path.mjs";
import { rule as openEnds } from "./open_ends.mjs";
import { rule as shellScripts } from "./shell_scripts.mjs";
import { findings, summaries } from "./testing.mjs";

const lines = (count) => "x\n".repeat(count);

test("file-length: warns above 400 lines, fails above 700", () => {
  const levels = (count) => findings(fileLength, { "src/a/a.cpp": lines(count) }).map((finding) => finding.warning);
  assert.deepEqual(levels(400), []);
  assert.deepEqual(levels(401), [true]);
  assert.deepEqual(levels(700), [true]);
  assert.deepEqual(levels(701), [false]);
  assert.deepEqual(summaries(fileLength, { "docs/long.md": lines(900) }), []);
});

test("header-contract: wants a comment and #pragma once", () => {
  const good = "#pragma once\n\n// A stream of bytes; one thread.\n\nclass Stream;\n";
  assert.deepEqual(summaries(headerContract, { "src/a/a.hpp": good }), []);
  assert.equal(summaries(headerContract, { "src/a/a.hpp": "#pragma once\nclass A;\n" }).length, 1);
  assert.equal(summaries(headerContract, { "src/a/a.hpp": "// A.\nclass A;\n" }).length, 1);
  assert.equal(summaries(headerContract, { "src/a/a.hpp": `#pragma once\n${"\n".repeat(20)}// Too late.\n` }).length, 1);
});

test("folder-readme: every folder of sources has a short one", () => {
  assert.deepEqual(summaries(folderReadme, { "src/a/a.cpp": "", "src/a/README.md": lines(40) }), []);
  assert.deepEqual(summaries(folderReadme, { "src/a/a.cpp": "" }), ["src/a/README.md:1 missing"]);
  assert.deepEqual(summaries(folderReadme, { "src/a/a.cpp": "", "src/a/README.md": lines(41) }), ["src/a/README.md:41 41 lines"]);
  const nested = { "src/a/README.md": "", "src/a/b/c.cpp": "" };
  assert.deepEqual(summaries(folderReadme, nested), []);
  assert.deepEqual(summaries(folderReadme, { ...nested, "src/a/b/d.cpp": "" }), ["src/a/b/README.md:1 missing"]);
});

// Spelt apart, so that the rules do not find this test.
const home = "/" + "work";
const administrator = "/" + "root";
const temporary = "/" + "tmp/x";
const shared = ".." + "/shared";

test("machine-path: rejects paths of one machine", () => {
  for (const text of [`cd ${home}/main`, `"${home}"`, `(${administrator}/.config)`, `see ${shared}/design`, `x=${temporary}`]) {
    assert.equal(summaries(machinePath, { "docs/a.md": `first\n${text}\n` }).length, 1, text);
  }
});

test("machine-path: leaves look-alikes alone", () => {
  for (const text of [`a${home}`, `${home}ers`, `$root${administrator}`, "network/", '"$project_root/build"', `\${TMPDIR:-${temporary.slice(0, 4)}}`]) {
    assert.deepEqual(summaries(machinePath, { "docs/a.md": text }), [], text);
  }
  assert.deepEqual(summaries(machinePath, { "tests/sim/a.cpp": temporary, "src/a/a_test.cpp": temporary }), []);
});

test("machine-path: a lock file names no registry", () => {
  const lock = '{\n"resolved": "https://registry.example/a.tgz"\n}';
  assert.equal(summaries(machinePath, { "tests/e2e/package-lock.json": lock }).length, 1);
});

test("open-end: rejects notes to oneself, in comments too", () => {
  const note = "TO" + "DO";
  assert.deepEqual(summaries(openEnds, { "src/a/a.cpp": `int a;\n// ${note}: more\n` }), [`src/a/a.cpp:2 ${note}`]);
  assert.deepEqual(summaries(openEnds, { "src/a/a.cpp": `int ${note}S;` }), []);
});

test("shell-script: parses, starts, and stops at an error", () => {
  const good = { text: "#!/usr/bin/env bash\nset -euo pipefail\necho a\n", executable: true };
  assert.deepEqual(summaries(shellScripts, { run: good }), []);
  assert.equal(summaries(shellScripts, { run: { ...good, executable: false } }).length, 1);
  assert.match(summaries(shellScripts, { run: { ...good, text: `${good.text}if true\n` } })[0], /syntax error/);
  assert.match(summaries(shellScripts, { run: { ...good, text: "#!/usr/bin/env bash\necho\n" } })[0], /goes on after an error/);
  assert.equal(summaries(shellScripts, { "a.sh": "if true\n" }).length, 1);
  assert.deepEqual(summaries(shellScripts, { "a.mjs": { text: "#!/usr/bin/env node\n", executable: true } }), []);
});
