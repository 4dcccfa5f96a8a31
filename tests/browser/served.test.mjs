// How the pages come over the wire, and how many bytes they are.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";

import { send } from "../e2e/support/management.mjs";
import { startGateway } from "../e2e/support/gateway.mjs";
import { root } from "./support/browser.mjs";

const BYTES_MAX = 60 * 1024;
const manifest = JSON.parse(readFileSync(join(root, "web/dist/.vite/manifest.json"), "utf8"));
const entry = manifest["index.html"];

let gateway;
before(async () => (gateway = await startGateway()));
after(() => gateway?.stop());

const get = (path, headers = {}, method = "GET") => fetch(gateway.url + path, { method, headers, redirect: "manual" });

test("the root leads to the pages; every page is the index", async () => {
  for (const path of ["/", "/ui"]) {
    const answer = await get(path);
    assert.deepEqual([answer.status, answer.headers.get("location")], [302, "/ui/"]);
  }
  const index = await (await get("/ui/")).text();
  assert.equal(await (await get("/ui/settings")).text(), index);
});

test("every answer has the strict headers", async () => {
  for (const path of ["/", "/ui/", `/ui/${entry.file}`, "/ui/assets/none.js"]) {
    const { headers } = await get(path);
    const policy = headers.get("content-security-policy");
    for (const part of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"])
      assert.ok(policy.includes(part), `${path}: ${policy}`);
    assert.ok(!policy.includes("unsafe"));
    assert.equal(headers.get("x-content-type-options"), "nosniff");
  }
});

test("each coding has its bytes and its tag; what a browser has is not sent again", async () => {
  const path = `/ui/${entry.file}`;
  const raw = async (coding) => {
    const { headers, status } = await send(gateway.url, "HEAD", path, { headers: { "Accept-Encoding": coding } });
    assert.equal(status, 200);
    return headers;
  };
  const plain = await raw("identity");
  const brotli = await raw("br;q=1, gzip;q=0.5");
  const gzip = await raw("br;q=0, gzip");
  assert.deepEqual([plain["content-encoding"], brotli["content-encoding"], gzip["content-encoding"]], [undefined, "br", "gzip"]);
  assert.equal(new Set([plain.etag, brotli.etag, gzip.etag]).size, 3);
  assert.ok(Number(brotli["content-length"]) < Number(plain["content-length"]) / 2);
  assert.equal(plain["cache-control"], "public, max-age=31536000, immutable");
  assert.equal(plain.vary, "Accept-Encoding");
  const again = await get(path, { "Accept-Encoding": "br", "If-None-Match": brotli.etag });
  assert.deepEqual([again.status, await again.text()], [304, ""]);
  const file = readFileSync(join(root, "web/dist", entry.file));
  assert.ok(brotliDecompressSync(readFileSync(join(root, "web/dist", `${entry.file}.br`))).equals(file));
  assert.ok(gunzipSync(readFileSync(join(root, "web/dist", `${entry.file}.gz`))).equals(file));
});

test("a file of another version is missing, never a page", async () => {
  const answer = await get("/ui/assets/index-0ld0ld.js");
  assert.equal(answer.status, 404);
  assert.match(answer.headers.get("content-type"), /^text\/plain/);
});

test("what does not read is refused", async () => {
  assert.equal((await get("/ui/", {}, "POST")).status, 405);
});

const bytesOf = (file) => readFileSync(join(root, "web/dist", `${file}.gz`)).length;

function closure(key, seen = new Set()) {
  const chunk = manifest[key];
  if (!chunk || seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const style of chunk.css ?? []) seen.add(style);
  for (const other of chunk.imports ?? []) closure(other, seen);
  return seen;
}

test("the first load and each page are within their budgets", () => {
  const first = closure("index.html");
  const sum = (files) => [...files].reduce((bytes, file) => bytes + bytesOf(file), 0);
  const load = sum(first) + bytesOf("index.html") + bytesOf("theme.js");
  assert.ok(load <= BYTES_MAX, `the first load is ${load} bytes gzip`);
  for (const key of Object.keys(manifest).filter((name) => manifest[name].isDynamicEntry)) {
    const page = sum([...closure(key)].filter((file) => !first.has(file)));
    assert.ok(page <= BYTES_MAX, `${key} is ${page} bytes gzip`);
  }
});
