// A slow network, many providers, names without end: nothing breaks out, nothing jumps, nothing is blocked.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { temporaryFolder } from "../e2e/support/gateway.mjs";
import { chat, startManaged } from "../e2e/support/management.mjs";
import { launch, openPage, screenshots, settled, shiftOf, sidewaysOf, startWithAdmin, violations } from "./support/browser.mjs";
import { screenshot } from "./support/pages.mjs";
import { writeRows } from "./support/rows.mjs";

const ROWS = 100_000;
const PROVIDERS = 50;
const LONG = `very-long-model-name-${"x".repeat(177)}`;
// Slow 3G, as the tools of Chromium have it.
const SLOW = { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 };

let browser;
let gateway;
before(async () => {
  const data = temporaryFolder();
  const first = await startWithAdmin({ data });
  for (let i = 0; i < PROVIDERS; ++i)
    await first.api.post("/api/settings/providers", { name: i % 7 ? `provider-${i}` : `provider-${"y".repeat(48)}-${i}`, kind: "openai", base_url: `http://127.0.0.1:9/v1/${i % 5 ? i : "p".repeat(150)}`, timeouts: i % 3 ? {} : { total_seconds: 100 + i, first_token_seconds: 20 } });
  for (let i = 0; i < 30; ++i)
    await first.api.post("/api/settings/rules", { match: "exact", pattern: i % 6 ? `rule-${i}` : `${LONG}-${i}`, targets: [{ provider: "provider-1", model: LONG }, { provider: "provider-2" }] });
  await first.api.post("/api/keys", { name: "k".repeat(64), models: [LONG.slice(0, 100), "gpt-*"] });
  const { key } = await first.api.post("/api/keys", { name: "of this test" });
  await first.stop();
  writeRows(data, ROWS);
  gateway = await startManaged({ data, threads: 2 });
  for (let i = 0; i < 3; ++i) await chat(gateway.url, `${LONG}-${i}`, { headers: { Authorization: `Bearer ${key}` } });
  await chat(gateway.url, "sim:never", { headers: { Authorization: `Bearer ${key}`, "X-Request-Timeout": "0.3", "X-Request-ID": "r".repeat(100) } });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
});

/** Texts that stick out of what is to hold them, without being cut. */
const stickingOut = (page) =>
  page.evaluate(() => {
    const found = [];
    for (const element of document.querySelectorAll("main *, dialog[open] *")) {
      if (element.closest("svg") || element.matches(".sr-only, .sr-only *")) continue;
      const box = element.getBoundingClientRect();
      if (box.width === 0 || getComputedStyle(element).visibility === "hidden") continue;
      let scrolls = false;
      for (let parent = element.parentElement; parent && !scrolls; parent = parent.parentElement)
        scrolls = /auto|scroll|hidden/.test(getComputedStyle(parent).overflowX) && parent !== document.body;
      if (!scrolls && box.right > innerWidth + 1) found.push(element.outerHTML.slice(0, 120));
    }
    return found;
  });

const pages = [
  ["dashboard", "/ui/"],
  ["requests", "/ui/requests"],
  ["requests-long", `/ui/requests?q=${LONG.slice(0, 30)}`],
  ["settings", "/ui/settings"],
  ["access", "/ui/access"],
];

describe("long names and long lists stay in their places", () => {
  for (const [name, path] of pages) {
    for (const [theme, width] of [["light", 1280], ["dark", 1280], ["light", 390], ["dark", 390]]) {
      test(`${name}, ${theme}, ${width} px`, async () => {
        const { page, problems, close } = await openPage(browser, gateway, { path, theme, width });
        await settled(page);
        const shift = await shiftOf(page);
        await screenshot(page, `extreme-${name}-${theme}-${width}`, { whole: name !== "settings" });
        assert.equal(await sidewaysOf(page), 0, "the page scrolls sideways");
        assert.deepEqual(await stickingOut(page), []);
        assert.ok(shift.sum < 0.01, `layout shift ${shift.sum}: ${JSON.stringify(shift.shifts, null, 1)}`);
        assert.deepEqual(await violations(page), []);
        assert.deepEqual(problems, []);
        await close();
      });
    }
  }

  for (const [theme, width] of [["light", 1280], ["dark", 390]]) {
    test(`a detail, a filter, dialogs and the palette, ${theme}, ${width} px`, async () => {
      const { page, close } = await openPage(browser, gateway, { path: `/ui/requests?q=${LONG.slice(0, 30)}`, theme, width });
      await settled(page);
      await page.locator('[role="rowgroup"] [role="row"]').first().click();
      await page.getByRole("heading", { name: "Facts" }).waitFor();
      await screenshot(page, `extreme-detail-${theme}-${width}`);
      assert.deepEqual([await sidewaysOf(page), await stickingOut(page)], [0, []]);
      await page.keyboard.press("Control+K");
      await page.getByRole("combobox", { name: /^Go to a page/ }).fill(LONG);
      await screenshot(page, `extreme-palette-${theme}-${width}`);
      assert.deepEqual([await sidewaysOf(page), await stickingOut(page)], [0, []]);
      await page.goto(`${gateway.url}/ui/settings`);
      await settled(page);
      await page.getByRole("button", { name: /^Edit rule very-long/ }).first().click();
      await screenshot(page, `extreme-rule-${theme}-${width}`);
      assert.deepEqual([await sidewaysOf(page), await stickingOut(page)], [0, []]);
      await page.keyboard.press("Escape");
      await page.getByLabel("Try a name").fill(`${LONG}-0`);
      await page.getByText(/^rule \d+/).waitFor();
      assert.deepEqual([await sidewaysOf(page), await stickingOut(page)], [0, []]);
      await close();
    });
  }
});

describe("over a slow network", () => {
  for (const [name, path, heading] of [["dashboard", "/ui/", "Dashboard"], ["requests", "/ui/requests", "Requests"], ["settings", "/ui/settings", "Settings"], ["access", "/ui/access", "Access"]]) {
    for (const [theme, width] of [["light", 1280], ["dark", 390]]) {
      test(`${name}, ${theme}, ${width} px: skeletons, no jumps, the places can be gone to meanwhile`, async () => {
        const { page, context, close } = await openPage(browser, gateway, { path: "/ui/nowhere", theme, width });
        const client = await context.newCDPSession(page);
        await client.send("Network.enable");
        await client.send("Network.setCacheDisabled", { cacheDisabled: true });
        await client.send("Network.emulateNetworkConditions", SLOW);
        page.setDefaultTimeout(30_000);
        await page.goto(gateway.url + path, { waitUntil: "commit" });
        await page.getByRole("heading", { name: heading, level: 1 }).waitFor();
        await page.waitForTimeout(700);
        await page.screenshot({ path: `${screenshots}/slow-${name}-${theme}-${width}.png` });
        await settled(page);
        const { sum, shifts } = await shiftOf(page);
        assert.ok(sum < 0.01, `layout shift ${sum}: ${JSON.stringify(shifts, null, 1)}`);
        const other = name === "dashboard" ? "Requests" : "Dashboard";  // both are in the bar of a phone
        await page.getByRole("link", { name: other }).first().click();
        await page.getByRole("heading", { name: other, level: 1 }).waitFor();
        await close();
      });
    }
  }
});
