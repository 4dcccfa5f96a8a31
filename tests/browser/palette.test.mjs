// The command palette: by keyboard, by touch, as a combobox; where it leads and what it does.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { chat, entryWhen } from "../e2e/support/management.mjs";
import { focused, launch, openPage, settled, startWithAdmin, violations } from "./support/browser.mjs";
import { fill } from "./support/content.mjs";
import { screenshot } from "./support/pages.mjs";

let browser;
let gateway;
before(async () => {
  browser = await launch();
  gateway = await startWithAdmin();
  await fill(gateway);
  await chat(gateway.url, "sim:tokens=1", { headers: { "X-Request-ID": "req_in_the_palette" } });
  await entryWhen(gateway.api, (entry) => entry.request_id === "req_in_the_palette", "q=req_in_the_palette");
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
});

const box = (page) => page.getByRole("combobox", { name: /^Go to a page/ });
async function opened(path = "/ui/", options = {}) {
  const tab = await openPage(browser, gateway, { path, ...options });
  await settled(tab.page);
  await tab.page.keyboard.press("Control+K");
  await box(tab.page).waitFor();
  return tab;
}
/** The option that aria-activedescendant names. */
const active = (page) =>
  box(page).evaluate((input) => {
    const option = document.getElementById(input.getAttribute("aria-activedescendant"));
    return option?.getAttribute("aria-selected") === "true" ? option.textContent.trim().replace(/\s+/g, " ") : "";
  });
async function take(page, text) {
  await box(page).waitFor();
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
  await box(page).waitFor({ state: "detached" });
}

describe("looks right", () => {
  for (const [theme, width] of [["light", 1280], ["dark", 1280], ["light", 390], ["dark", 390]]) {
    test(`${theme}, ${width} px`, async () => {
      const { page, problems, close } = await opened("/ui/", { theme, width });
      await screenshot(page, `palette-${theme}-${width}`);
      assert.deepEqual(await violations(page), []);
      await page.keyboard.type("time");
      await screenshot(page, `palette-found-${theme}-${width}`);
      assert.deepEqual(await violations(page), []);
      assert.deepEqual(problems, []);
      await close();
    });
  }
});

describe("by keyboard", () => {
  test("arrows go round, the focus stays in the box, Escape gives it back", async () => {
    const { page, close } = await openPage(browser, gateway, { path: "/ui/access" });
    await settled(page);
    await page.getByRole("button", { name: "New key" }).focus();
    await page.keyboard.press("Control+K");
    await box(page).waitFor();
    assert.match(await active(page), /^Dashboard/);
    await page.keyboard.press("ArrowDown");
    assert.match(await active(page), /^Chat/);
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowUp");
    assert.equal(await active(page), "Sign out");
    assert.equal(await box(page).evaluate((input) => input === document.activeElement), true);
    const seen = await page.evaluate(() => {
      const option = document.querySelector("[aria-selected=true][role=option]").getBoundingClientRect();
      const list = document.querySelector("dialog [role=listbox]").getBoundingClientRect();
      return option.top >= list.top - 1 && option.bottom <= list.bottom + 1;
    });
    assert.ok(seen, "the chosen one is in sight");
    await page.keyboard.press("Escape");
    await box(page).waitFor({ state: "detached" });
    assert.equal(await focused(page), "New key");
    await page.keyboard.press("Meta+K");
    await box(page).waitFor();
    await page.keyboard.press("Control+K");
    await box(page).waitFor({ state: "detached" });
    await close();
  });

  test("leads to a page, whose beginning has the focus", async () => {
    const { page, close } = await opened();
    await take(page, "acc");
    await page.getByRole("heading", { name: "Access", level: 1 }).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), "main");
    await close();
  });

  test("leads to a setting from another page and in the same, folded away or not", async () => {
    const { page, close } = await opened();
    await take(page, "idle");
    await page.waitForURL(/\/ui\/settings#idle_seconds$/);
    const idle = page.getByRole("textbox", { name: "Idle" });
    await idle.waitFor();
    await page.waitForFunction(() => document.activeElement.id === "idle_seconds-box");
    await page.keyboard.press("Control+K");
    await take(page, "keep at most");
    await page.waitForFunction(() => document.activeElement.id === "retention_bytes-box");
    await page.keyboard.press("Control+K");
    await take(page, "routing");
    await page.waitForFunction(() => document.activeElement.id === "rules");
    await close();
  });

  test("finds a request by its id, and says what it found", async () => {
    const { page, close } = await opened();
    await page.keyboard.type("req_in_the_palette");
    assert.equal(await active(page), "Open request req_in_the_palette");
    await page.getByRole("status").filter({ hasText: "2 results" }).waitFor({ state: "attached" });
    await page.keyboard.press("Enter");
    await page.locator("#request-title").filter({ hasText: "req_in_the_palette" }).waitFor();
    await page.keyboard.press("Control+K");
    await page.keyboard.type("no such thing");
    assert.equal(await active(page), "Find requests: no such thing Id or model");
    await close();
  });

  test("changes the theme, and signs out", async () => {
    const { page, close } = await opened();
    await take(page, "theme dark");
    assert.equal(await page.evaluate(() => document.documentElement.classList.contains("dark")), true);
    await page.keyboard.press("Control+K");
    await take(page, "shortcuts");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await page.keyboard.press("Control+K");
    assert.equal(await box(page).count(), 0, "not over another dialog");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+K");
    await take(page, "sign out");
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await close();
  });

  test("asks before edits are lost", async () => {
    const { page, close } = await openPage(browser, gateway, { path: "/ui/settings" });
    await settled(page);
    await page.getByRole("textbox", { name: /^Chat Completions timeout/ }).fill("25m");
    await page.keyboard.press("Control+K");
    await take(page, "sign out");
    await page.getByRole("dialog", { name: "Leave without saving?" }).waitFor();
    await page.getByRole("button", { name: "Stay" }).click();
    assert.equal(await page.getByRole("textbox", { name: /^Chat Completions timeout/ }).inputValue(), "25 min");
    await close();
  });
});

test("by touch: a button opens it, a tap takes, a tap beside closes", async () => {
  const { page, close } = await openPage(browser, gateway, { path: "/ui/", width: 390 });
  await settled(page);
  await page.getByRole("button", { name: "Go to …" }).tap();
  await box(page).waitFor();
  await page.touchscreen.tap(195, 820);
  await box(page).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Go to …" }).tap();
  await page.getByRole("option", { name: /^Request Timeouts/ }).tap();
  await page.waitForURL(/\/ui\/settings#timeouts$/);
  await close();
});

test("it is loaded when it is first asked for", async () => {
  const { page, close } = await openPage(browser, gateway, { path: "/ui/access" });
  const loaded = [];
  page.on("request", (request) => loaded.push(request.url()));
  await settled(page);
  assert.ok(!loaded.some((url) => /Palette/.test(url)));
  await page.getByRole("button", { name: "Go to …" }).click();
  await box(page).waitFor();
  assert.ok(loaded.some((url) => /Palette/.test(url)));
  await close();
});
