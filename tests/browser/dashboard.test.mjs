// The dashboard: figures of 20,000 stored requests, what they lead to, on each width; without any; without an answer.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { temporaryFolder } from "../e2e/support/gateway.mjs";
import { chat, startManaged } from "../e2e/support/management.mjs";
import { launch, openPage, startWithAdmin, violations } from "./support/browser.mjs";
import { assertSound, screenshot } from "./support/pages.mjs";
import { writeRows } from "./support/rows.mjs";

const ROWS = 20_000;

let browser;
let gateway;
before(async () => {
  const data = temporaryFolder();
  const first = await startWithAdmin({ data });
  await first.stop();
  writeRows(data, ROWS, 36 * 3600);
  gateway = await startManaged({ data, threads: 2 });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
});

const figure = (page, name) => page.locator("main").getByRole("link", { name: new RegExp(`^${name}`) });
const opened = async (options) => {
  const tab = await openPage(browser, gateway, { path: "/ui/", ...options });
  await tab.page.getByRole("link", { name: "openai" }).waitFor();
  return tab;
};

describe("looks right", () => {
  for (const theme of ["light", "dark"]) {
    for (const width of [1280, 768, 390]) {
      test(`${theme}, ${width} px`, async () => {
        const tab = await opened({ width, theme });
        await assertSound(tab);
        await screenshot(tab.page, `dashboard-busy-${theme}-${width}`, { whole: true });
        await tab.close();
      });
    }
  }
});

test("a figure leads to the requests behind it", async () => {
  const { page, close } = await opened();
  const timeouts = (await figure(page, "Timeouts").textContent()).match(/Timeouts\s*(\d+)/)[1];
  await figure(page, "Timeouts").focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/ui\/requests\?outcome=timeout&from=24h/);
  await page.locator(`[role="slider"][aria-label*=": ${timeouts} requests, ${timeouts} timeouts"]`).waitFor();
  await close();
});

test("the window is in the address, and another one changes the figures", async () => {
  const { page, close } = await opened();
  const requests = await figure(page, "Requests").textContent();
  await page.getByRole("button", { name: "7 d" }).click();
  await page.waitForURL(/window=7d/);
  await page.waitForFunction(
    (before) => [...document.querySelectorAll("main a")].find((one) => one.textContent.trim().startsWith("Requests")).textContent !== before,
    requests,
  );
  await page.reload();
  await page.getByRole("button", { name: "7 d", pressed: true }).waitFor();
  await close();
});

describe("a span of time is chosen in the chart", () => {
  const chart = (page) => page.getByRole("slider", { name: "Total time over time" });
  const figures = (page) => figure(page, "Requests").textContent();

  test("by a drag: it is in the address, in the figures and in what they lead to", async () => {
    const { page, close } = await opened();
    const before = await figures(page);
    const box = await chart(page).boundingBox();
    await page.mouse.move(box.x + box.width * 0.25, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 60, { steps: 6 });
    await screenshot(page, "dashboard-span");
    await page.mouse.up();
    await page.waitForURL(/from=\d{4}-.*&to=\d{4}-/);
    await page.waitForFunction((text) => [...document.querySelectorAll("main a")].find((one) => one.textContent.trim().startsWith("Requests")).textContent !== text, before);
    const { searchParams } = new URL(page.url());
    const hours = (Date.parse(searchParams.get("to")) - Date.parse(searchParams.get("from"))) / 3_600_000;
    assert.ok(hours > 5 && hours < 7.5, `${hours} h`);
    assert.match(await figure(page, "Timeouts").getAttribute("href"), /outcome=timeout&from=\d{4}.*&to=\d{4}/);
    await screenshot(page, "dashboard-zoomed");
    assert.deepEqual(await violations(page), []);
    await page.getByRole("button", { name: "Back to the last 24 hours" }).click();
    await page.waitForURL((url) => !url.searchParams.has("from"));
    await close();
  });

  test("a click alone changes nothing", async () => {
    const { page, close } = await opened();
    await chart(page).click({ position: { x: 100, y: 50 } });
    assert.doesNotMatch(page.url(), /from=/);
    await close();
  });

  test("by keyboard: arrows tell, with Shift they choose, Escape lets go, Enter zooms in", async () => {
    const { page, close } = await opened();
    await chart(page).focus();
    await page.keyboard.press("Home");
    assert.match(await chart(page).getAttribute("aria-valuetext"), /p50 .*, p99 .* requests/);
    await page.keyboard.press("Shift+PageDown");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Home");
    await page.keyboard.press("PageUp");
    for (let step = 0; step < 3; ++step) await page.keyboard.press("Shift+ArrowRight");
    assert.match(await chart(page).getAttribute("aria-valuetext"), /chosen: 4 of \d+$/);
    await page.keyboard.press("Enter");
    await page.waitForURL(/from=\d{4}-.*&to=\d{4}-/);
    const { searchParams } = new URL(page.url());
    assert.ok(Math.abs((Date.parse(searchParams.get("to")) - Date.parse(searchParams.get("from"))) / 60_000 - 120) < 2);
    await page.getByRole("status").filter({ hasText: /^Figures of \d{4}-/ }).waitFor({ state: "attached" });
    await close();
  });
});

test("an estimate is called one, and leads to the setting", async () => {
  const { page, close } = await opened();
  await page.getByText(/Of \d[\d,]* cut, (about|hardly)/).first().waitFor();
  assert.ok(await page.getByText("estimate", { exact: true }).count());
  assert.equal(await page.getByRole("link", { name: "Go to the setting" }).first().getAttribute("href"), "/ui/settings#timeouts");
  await close();
});

test("the chart is a table too", async () => {
  const { page, close } = await opened();
  await page.getByText("As a table").click();
  assert.ok((await page.getByRole("region", { name: "Latency over time" }).getByRole("row").count()) > 10);
  await close();
});

test("without requests nothing is 0 that is not known", async () => {
  const empty = await startWithAdmin();
  const tab = await openPage(browser, empty, { path: "/ui/" });
  await tab.page.getByText("No limit has cut a request.").waitFor();
  assert.match(await figure(tab.page, "Success").textContent(), /–/);
  await screenshot(tab.page, "dashboard-empty");
  await assertSound(tab);
  await chat(empty.url, "sim:tokens=1");
  await tab.close();
  await empty.stop();
});

test("without an answer it says so, with N/A", async () => {
  const tab = await openPage(browser, gateway, { path: "/ui/settings" });
  await tab.page.route("**/api/stats**", (route) => route.abort());
  await tab.page.goto(`${gateway.url}/ui/`);
  await tab.page.getByText("The statistics could not be read").waitFor();
  assert.match(await figure(tab.page, "Requests").textContent(), /N\/A/);
  await screenshot(tab.page, "dashboard-unreachable");
  await tab.close();
});
