// The local models on the pages: what the stream of events tells, without asking for it; asked for where it is away.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { faulty } from "../e2e/support/faulty.mjs";
import { drainOpenai, HELLO, ONE_EACH, openai } from "../e2e/support/clients.mjs";
import { until } from "../e2e/support/until.mjs";
import { launch, openPage, settled, startWithAdmin, violations } from "./support/browser.mjs";
import { screenshot } from "./support/pages.mjs";

const toml = (entry) => "[[models]]\n" + Object.entries(entry).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`).join("");
const loading = { memory: "400MiB", flags: { "load-ms": 4000, "load-mib": 250 } };
const MODELS = [faulty("slow", loading), faulty("asked", loading), faulty("away", loading), faulty("narrow", { waiting_max: 9, flags: { "token-delay-ms": 30 } })];
let browser;
let gateway;
before(async () => {
  browser = await launch();
  gateway = await startWithAdmin({ config: `[pool]\nmemory_limit = "4GiB"\n${MODELS.map(toml).join("")}` });
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
});

/** A page whose requests to an address are counted, and fail. */
async function without(pattern, options) {
  const opened = await openPage(browser, gateway, options);
  const refused = [];
  await opened.page.route(pattern, (route) => (refused.push(route.request().url()), route.abort()));
  return { ...opened, refused };
}
const stream = (model, id, count) =>
  drainOpenai(() => openai(gateway.url, { defaultHeaders: { ...ONE_EACH, "X-Request-ID": id }, maxRetries: 0 }).chat.completions.create({ model, messages: HELLO, stream: true, max_tokens: count }));

test("a load is seen to go on, from the events alone", async () => {
  const { page, refused, problems, close } = await without("**/api/pool");
  await settled(page);
  await page.getByRole("link", { name: "Settings" }).first().click();
  await page.getByRole("button", { name: "Load slow" }).click();
  const bar = page.getByRole("progressbar", { name: "Loading slow" });
  const share = async () => Number(await bar.getAttribute("aria-valuenow", { timeout: 1000 }).catch(() => NaN));
  const row = page.getByRole("list", { name: "Local models" }).getByRole("listitem").filter({ hasText: "slow" });
  const shown = [await until("it has begun", share, (value) => value > 0)];
  await row.getByText(/^loading \d+ %$/).waitFor();
  await screenshot(page, "pool-loading-light-1280");
  assert.deepEqual(await violations(page), []);
  for (let step = 0; step < 3; ++step) shown.push(await until("it goes on", share, (value) => value > shown.at(-1)));
  await row.getByText("loaded", { exact: true }).waitFor();
  await row.getByText(/unused for/).waitFor();
  assert.equal(await bar.count(), 0);
  await page.getByRole("button", { name: "Unload slow" }).click();
  await row.getByText("not loaded", { exact: true }).waitFor();
  assert.deepEqual(refused, [], "nothing was asked for");
  assert.deepEqual(problems, []);
  await close();
});

test("while the stream is away it is asked for", async () => {
  const opened = await openPage(browser, gateway, { path: "/ui/" });
  const { page, close } = opened;
  await settled(page);
  await page.route("**/api/events", (route) => route.abort());
  const asked = [];
  page.on("request", (request) => request.url().endsWith("/api/pool") && asked.push(request.url()));
  await page.goto(`${gateway.url}/ui/settings#pool`);
  const row = page.getByRole("list", { name: "Local models" }).getByRole("listitem").filter({ hasText: "away" });
  await row.getByText("not loaded", { exact: true }).waitFor();
  await gateway.api.post("/api/pool/away/load");
  await row.getByText(/^loading \d+ %$/).waitFor();
  await row.getByText("loaded", { exact: true }).waitFor();
  assert.ok(asked.length >= 2, String(asked.length));
  await close();
});

test("a request that waits for its model shows how far that is", async () => {
  const { page, close } = await openPage(browser, gateway, { path: "/ui/requests" });
  await settled(page);
  const answer = stream("asked", "waits-for-load", 2);
  await page.getByRole("row", { name: /asked/ }).first().click();
  await page.getByText(/Waiting for the model to be loaded: loading \d+ %/).waitFor();
  assert.equal((await answer).error, undefined);
  await close();
});

test("a request in line shows its place as it moves up, from the events alone", async () => {
  await stream("narrow", "warm", 1);
  const { page, close } = await openPage(browser, gateway, { path: "/ui/requests" });
  await settled(page);
  const asked = [];
  page.on("request", (request) => request.url().endsWith("/api/requests/line-2") && asked.push(request.url()));
  const inLine = (place) => until(`${place} wait`, () => gateway.api.get("/api/pool"), ({ models }) => models.some((one) => one.model === "narrow" && one.in_flight === place));
  const answers = [];
  for (const id of ["line-0", "line-1", "line-2"]) {
    answers.push(stream("narrow", id, 80));
    await inLine(answers.length);
  }
  await page.goto(`${gateway.url}/ui/requests?request=line-2`);
  const details = page.getByRole("region", { name: "Details of the request" });
  await details.getByText(/Waiting for a free place: 2nd in line, about/).waitFor();
  const before = asked.length;
  await details.getByText(/Waiting for a free place: 1st in line/).waitFor();
  await details.getByText(/^Answering/).waitFor();
  assert.equal(asked.length, before, "the place was told");
  for (const answer of await Promise.all(answers)) assert.equal(answer.error, undefined);
  await details.getByText(/^Answered in/).waitFor();
  await close();
});
