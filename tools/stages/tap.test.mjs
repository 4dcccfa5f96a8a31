import assert from "node:assert/strict";
import test from "node:test";
import { readTap } from "./tap.mjs";

const report = `TAP version 13
# Subtest: whole
    # Subtest: part
    not ok 1 - part
      ---
      location: 'a.test.mjs:3:1'
      failureType: 'testCodeFailure'
      error: 'three is not four'
      code: 'ERR_ASSERTION'
      ...
    1..1
not ok 1 - whole
  ---
  location: 'a.test.mjs:1:1'
  failureType: 'subtestsFailed'
  error: '1 subtest failed'
  ...
1..1
# tests 4
# pass 1
# fail 1
# cancelled 1
# skipped 1
# todo 0
`;

test("counts cases, and what was cancelled as failed", () => {
  const counts = readTap(report);
  assert.deepEqual([counts.passed, counts.failed, counts.skipped], [1, 2, 1]);
});

test("names the case that failed, not those around it", () => {
  const { failures, files } = readTap(report);
  assert.equal(failures.length, 1);
  assert.deepEqual([...files], ["a.test.mjs"]);
  assert.match(failures[0], /^part a\.test\.mjs:3:1\nthree is not four$/);
});

test("a report that is missing counts nothing", () => {
  assert.deepEqual(readTap(""), { passed: 0, failed: 0, skipped: 0, todo: 0, failures: [], files: new Set() });
});
