// The page Requests: 100,000 stored ones, live ones on top, filters, details, by keyboard alone, on each width.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { temporaryFolder } from "../e2e/support/gateway.mjs";
import { chat, entryWhen, PASSWORD, startManaged } from "../e2e/support/management.mjs";
import { launch, openPage, startWithAdmin, violations } from "./support/browser.mjs";
import { assertSound, screenshot } from "./support/pages.mjs";
import { writeRows } from "./support/rows.mjs";

const ROWS = 100_000;

let browser;
let gateway;
before(async () => {
  const data = temporaryFolder();
  const first = await startWithAdmin({ data });
  await first.stop();
  writeRows(data, ROWS);
  gateway = await startManaged({ data, threads: 2 });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
});

const rows = (page) => page.locator('[role="grid"] [role="rowgroup"] [role="row"]');
const opened = async (options, path = "/ui/requests") => {
  const tab = await openPage(browser, gateway, { path, ...options });
  await rows(tab.page).first().waitFor();
  await tab.page.locator('[role="slider"][aria-label*="requests"]').waitFor();
  return tab;
};
const slow = (id) => chat(gateway.url, "sim:never", { headers: { "X-Request-ID": id, "X-Request-Timeout": "60" } });

describe("looks right", () => {
  for (const theme of ["light", "dark"]) {
    for (const width of [1280, 768, 390]) {
      test(`${theme}, ${width} px`, async () => {
        const tab = await opened({ width, theme });
        await assertSound(tab);
        await screenshot(tab.page, `requests-busy-${theme}-${width}`);
        await tab.close();
        const other = await opened({ width, theme }, "/ui/requests?outcome=timeout");
        await rows(other.page).first().click();
        await other.page.getByRole("heading", { name: /limit fired/ }).waitFor();
        await assertSound(other);
        await screenshot(other.page, `requests-detail-${theme}-${width}`);
        await other.close();
      });
    }
  }
});

describe("by keyboard alone", () => {
  test("filters, and finds the export of what is filtered", async () => {
    const { page, close } = await opened();
    await page.keyboard.press("/");
    await page.keyboard.type("bge");
    await page.keyboard.press("Enter");
    await page.waitForURL(/q=bge/);
    await page.getByRole("button", { name: "Result" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("checkbox").first().waitFor(); // counted
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await page.waitForURL(/outcome=/);
    await page.keyboard.press("Escape");
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-expanded")), "false");
    await page.getByRole("button", { name: "Export" }).focus();
    await page.keyboard.press("Enter");
    const link = page.getByRole("link", { name: /CSV/ });
    await link.waitFor();
    assert.match(await link.getAttribute("href"), /^\/api\/requests\/export\?.*outcome=.*q=bge&format=csv$/);
    const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
    assert.equal(download.suggestedFilename(), "requests.csv");
    await close();
  });

  test("opens a detail, goes on, closes it, and is back in its row", async () => {
    const { page, close } = await opened();
    await rows(page).first().focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL(/request=\d+/);
    const heading = page.locator("#request-title");
    // Until it is there, the title is the number in the address.
    await page.waitForFunction(() => /\D/.test(document.querySelector("#request-title")?.textContent.trim() ?? ""));
    const before = await heading.textContent();
    await page.keyboard.press("j");
    await page.waitForFunction((text) => document.querySelector("#request-title").textContent !== text, before);
    await page.keyboard.press("k");
    await page.waitForFunction((text) => document.querySelector("#request-title").textContent.trim() === text, before.trim());
    await page.keyboard.press("Escape");
    await heading.waitFor({ state: "detached" });
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute("role")), "row");
    assert.doesNotMatch(page.url(), /request=/);
    await close();
  });

  test("cancels a running request", async () => {
    const { page, close } = await opened();
    const answer = slow("to-be-cancelled");
    const button = page.getByRole("button", { name: "Cancel request to-be-cancelled" });
    await button.waitFor();
    await screenshot(page, "requests-running");
    await button.focus();
    await page.keyboard.press("Enter");
    await page.getByText(/to-be-cancelled, sim:never, has been running/).waitFor();
    await screenshot(page, "requests-cancel");
    await page.getByRole("button", { name: "Cancel the request" }).focus();
    await page.keyboard.press("Enter");
    await answer;
    await button.waitFor({ state: "detached" });
    await close();
  });
});

test("filters with counts: below a button, on a phone in a sheet", async () => {
  const desk = await opened();
  await desk.page.getByRole("button", { name: "Model", exact: true }).click();
  await desk.page.getByRole("checkbox", { name: /bge-m3 20K requests/ }).waitFor();
  await screenshot(desk.page, "requests-filter-model");
  assert.deepEqual(await violations(desk.page), []);
  await desk.page.getByRole("button", { name: "All time" }).click();
  await screenshot(desk.page, "requests-filter-range");
  assert.deepEqual(await violations(desk.page), []);
  await desk.close();
  const phone = await opened({ width: 390, theme: "dark" });
  await phone.page.getByRole("button", { name: "Filters" }).click();
  await phone.page.getByRole("checkbox", { name: /timeout 2,000 requests/ }).check();
  await phone.page.waitForURL(/outcome=timeout/);
  await screenshot(phone.page, "requests-filters-phone");
  assert.deepEqual(await violations(phone.page), []);
  await phone.page.getByRole("button", { name: "Show requests" }).click();
  await phone.page.getByRole("button", { name: "Filters (1)" }).waitFor();
  await phone.close();
});

test("prompt and answer are there where they are kept; a viewer cannot cancel", async () => {
  await gateway.api.put("/api/settings/logs", { contents: true });
  await chat(gateway.url, "sim:tokens=4", { headers: { "X-Request-ID": "with-contents" } });
  await entryWhen(gateway.api, (entry) => entry.request_id === "with-contents", "q=with-contents");
  const { page, close } = await opened({}, "/ui/requests?request=with-contents");
  await page.getByText(/^Prompt, \d+ B/).click();
  await page.getByText(/^Answer, \d+ B/).click();
  await page.getByRole("region", { name: "Answer" }).getByText("tok1 tok2").waitFor();
  await page.getByRole("heading", { name: "Facts" }).scrollIntoViewIfNeeded();
  await screenshot(page, "requests-contents");
  assert.deepEqual(await violations(page), []);
  await close();

  await gateway.api.post("/api/users", { name: "looker", password: PASSWORD, role: "viewer" });
  const answer = slow("not-to-be-cancelled");
  const viewer = await opened({ as: "looker" });
  await viewer.page.getByText("running", { exact: true }).waitFor();
  assert.equal(await viewer.page.getByRole("button", { name: /^Cancel/ }).count(), 0);
  await viewer.close();
  await gateway.api.post("/api/requests/not-to-be-cancelled/cancel", {});
  await answer;
});

test("a drag over the volume zooms in, and a click on a running request shows what is left to it", async () => {
  const { page, close } = await opened();
  const strip = await page.locator('[role="slider"][aria-label*="requests"]').boundingBox();
  await page.mouse.move(strip.x + strip.width * 0.25, strip.y + 20);
  await page.mouse.down();
  await page.mouse.move(strip.x + strip.width * 0.5, strip.y + 20, { steps: 5 });
  await page.mouse.up();
  await page.waitForURL(/from=\d{4}-.*&to=\d{4}-/);
  await page.getByText("Past range").waitFor();
  await page.getByRole("button", { name: "Reset", exact: true }).click();
  const answer = slow("to-be-looked-at");
  const row = rows(page).filter({ has: page.getByRole("button", { name: "Cancel request to-be-looked-at" }) });
  await row.getByText("sim:never").click();
  await page.getByText(/Next limit: total, in \d+ s/).waitFor();
  await screenshot(page, "requests-detail-running");
  await page.getByRole("button", { name: "Cancel this request" }).click();
  await page.getByRole("button", { name: "Cancel the request" }).click();
  await answer;
  await page.getByRole("heading", { name: /Cancelled by an administrator/ }).waitFor();
  await close();
});

describe(`the middle of ${ROWS} rows`, () => {
  test("is reached by its time, and the way back to now is in sight", async () => {
    const { page, close } = await opened({ media: { timezoneId: "UTC" } });
    const wanted = new Date(Math.floor((Date.now() - 12 * 3_600_000) / 1000) * 1000);
    await page.getByRole("button", { name: "All time" }).click();
    await page.getByLabel("Go to a time").fill(wanted.toISOString().slice(0, 19));
    await page.keyboard.press("Enter");
    await page.waitForURL(/to=\d{4}-/);
    const to = Date.parse(new URL(page.url()).searchParams.get("to"));
    assert.equal(to, wanted.getTime() + 1000);
    await page.getByText("Past range").waitFor();
    await page.waitForFunction((text) => document.querySelector('[role="rowgroup"] [role="row"]').textContent.includes(text), wanted.toISOString().slice(11, 16));
    await screenshot(page, "requests-at-a-time");
    assert.deepEqual(await violations(page), []);
    await page.getByRole("button", { name: "Back to now" }).click();
    await page.locator("main").getByText("Live", { exact: true }).waitFor();
    await close();
  });

  test("is reached by a click in the volume, and by keyboard", async () => {
    const { page, close } = await opened();
    const strip = page.locator('[role="slider"][aria-label*="requests"]');
    const box = await strip.boundingBox();
    await page.mouse.click(box.x + box.width / 2, box.y + 20);
    await page.waitForURL(/from=\d{4}-.*&to=\d{4}-/);
    const span = new URL(page.url()).searchParams;
    const first = Date.parse(span.get("from"));
    assert.ok(Math.abs(first - (Date.now() - 12 * 3_600_000)) < 3_600_000);
    await close();
    const tab = await opened();
    await tab.page.locator('[role="slider"][aria-label*="requests"]').focus();
    await tab.page.keyboard.press("Home");
    await tab.page.keyboard.press("Shift+ArrowRight");
    await tab.page.keyboard.press("Enter");
    await tab.page.waitForURL(/from=\d{4}-.*&to=\d{4}-/);
    await tab.close();
  });
});

describe("is live", () => {
  test("what ends comes in at the top; scrolled away it waits; nothing is missed or twice", async () => {
    const { page, close } = await opened();
    await chat(gateway.url, "sim:tokens=1", { headers: { "X-Request-ID": "live-0" } });
    await page.getByText("sim:tokens=1").first().waitFor();
    await page.locator('[role="rowgroup"]').last().evaluate((one) => (one.scrollTop = 800));
    await page.getByText("Paused").waitFor();
    const seen = await rows(page).nth(12).textContent();
    for (const id of ["live-1", "live-2", "live-3"]) await chat(gateway.url, "sim:tokens=2", { headers: { "X-Request-ID": id } });
    const pill = page.getByRole("button", { name: "3 new requests" });
    await pill.waitFor();
    assert.equal(await rows(page).nth(12).textContent(), seen);
    await screenshot(page, "requests-paused");
    await pill.click();
    await page.getByText("sim:tokens=2").first().waitFor();
    assert.equal(await page.getByText("sim:tokens=2").count(), 3);
    assert.equal(await page.getByText("Live", { exact: true }).count() > 0, true);
    await close();
  });

  test(`scrolls ${ROWS} rows smoothly: pages come as one goes down, few rows are drawn`, async () => {
    const { page, close } = await opened();
    const result = await page.evaluate(async () => {
      const scroller = [...document.querySelectorAll('[role="rowgroup"]')].at(-1);
      let longest = 0;
      let last = performance.now();
      let frames = 0;
      while (scroller.scrollTop < 150_000 && frames < 3000) {
        scroller.scrollTop += 300;
        await new Promise((resolve) => requestAnimationFrame(resolve));
        const now = performance.now();
        longest = Math.max(longest, now - last);
        last = now;
        ++frames;
      }
      return { longest, frames, reached: scroller.scrollTop, drawn: scroller.querySelectorAll('[role="row"]').length };
    });
    assert.ok(result.reached >= 50_000, JSON.stringify(result));
    assert.ok(result.drawn < 80, JSON.stringify(result));
    assert.ok(result.longest < 500, JSON.stringify(result));
    await close();
  });
});

test("without requests it says what to do", async () => {
  const empty = await startWithAdmin();
  const tab = await openPage(browser, empty, { path: "/ui/requests" });
  await tab.page.getByText("No requests yet").waitFor();
  assert.ok((await tab.page.locator("pre").textContent()).includes(`curl ${empty.url}/v1/chat/completions`));
  await screenshot(tab.page, "requests-empty");
  await assertSound(tab);
  await tab.close();
  await empty.stop();
});

test("what was loaded stays when the gateway goes away", async () => {
  const gone = await startWithAdmin();
  await chat(gone.url, "sim:tokens=1");
  const tab = await openPage(browser, gone, { path: "/ui/requests" });
  await tab.page.getByText("sim:tokens=1").waitFor();
  await gone.stop();
  await tab.page.getByRole("button", { name: "All time" }).click();
  await tab.page.getByRole("button", { name: "Last hour" }).click();
  await tab.page.getByText("could not be read").waitFor();
  assert.equal(await tab.page.getByText("sim:tokens=1").count(), 1);
  await screenshot(tab.page, "requests-unreachable");
  await tab.close();
});
