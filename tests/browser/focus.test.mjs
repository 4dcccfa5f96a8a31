// Where the focus is when something closes or goes away; the title of a tab that nobody looks at; forced colours.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { chat } from "../e2e/support/management.mjs";
import { focused, launch, openPage, settled, sidewaysOf, startWithAdmin, violations } from "./support/browser.mjs";
import { fill } from "./support/content.mjs";
import { screenshot } from "./support/pages.mjs";

let browser;
let gateway;
before(async () => {
  browser = await launch();
  gateway = await startWithAdmin();
  await fill(gateway);
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
});

const opened = async (path, options) => {
  const tab = await openPage(browser, gateway, { path, ...options });
  await settled(tab.page);
  return tab;
};

test("what a dialog was opened from has the focus again, however it was closed", async () => {
  for (const [path, name] of [["/ui/settings", "Edit openai"], ["/ui/settings", "Edit rule llama3.2"], ["/ui/settings", "Add rule"], ["/ui/access", "New key"], ["/ui/access", "Edit ada"], ["/ui/access", "Revoke search-team"]]) {
    const { page, close } = await opened(path);
    const button = page.getByRole("button", { name, exact: true }).first();
    for (const leave of [() => page.keyboard.press("Escape"), () => page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click()]) {
      await button.focus();
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").waitFor();
      assert.equal(await page.evaluate(() => document.activeElement.closest("dialog") !== null), true, `${name}: the focus is inside`);
      await leave();
      await page.getByRole("dialog").waitFor({ state: "hidden" });
      assert.equal(await focused(page), name);
    }
    await close();
  }
});

test("what had the focus is deleted: its section has it", async () => {
  await gateway.api.post("/api/settings/rules", { match: "exact", pattern: "to-go", targets: [{ provider: "sim" }, { provider: "openai" }, { provider: "local" }] });
  const { page, close } = await opened("/ui/settings");
  await page.getByRole("button", { name: "Edit rule to-go" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Remove target 2" }).focus();
  await page.keyboard.press("Enter");
  assert.equal(await focused(page), "Remove target 2");
  await page.getByRole("button", { name: "Delete", exact: true }).press("Enter");
  await page.getByRole("button", { name: "Delete rule" }).press("Enter");
  await page.getByRole("button", { name: "Edit rule to-go" }).waitFor({ state: "detached" });
  await page.waitForFunction(() => document.activeElement.id === "rules");
  await close();
});

test("the section that is gone to has the focus: Tab goes on from there", async () => {
  const { page, close } = await opened("/ui/settings");
  await page.getByRole("link", { name: "Model Routing Rules" }).first().focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.id === "rules");
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), "Add rule");
  await close();
});

test("the title of a hidden tab counts what fails, and forgets it when one looks", async () => {
  const { key } = await gateway.api.post("/api/keys", { name: "of this test" });
  const ask = (model, headers = {}) => chat(gateway.url, model, { headers: { ...headers, Authorization: `Bearer ${key}` } });
  const { page, close } = await opened("/ui/access");
  await page.getByText("Live", { exact: false }).last().waitFor();
  const turn = (hidden) =>
    page.evaluate((value) => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => value });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  await ask("nobody-has-this");
  assert.equal(await page.title(), "Access · Punctual");
  await turn(true);
  await ask("sim-fast");
  await ask("nobody-has-this");
  await ask("sim:never", { "X-Request-Timeout": "0.2" });
  await page.waitForFunction(() => document.title === "(2) Access · Punctual");
  await turn(false);
  await page.waitForFunction(() => document.title === "Access · Punctual");
  await close();
});

for (const [name, path] of [["dashboard", "/ui/"], ["requests", "/ui/requests"], ["access", "/ui/access"]]) {
  test(`forced colours and no motion: ${name}`, async () => {
    const { page, problems, close } = await opened(path, { media: { forcedColors: "active", reducedMotion: "reduce" } });
    await page.keyboard.press("Control+K");
    await page.getByRole("combobox", { name: /^Go to a page/ }).waitFor();
    await screenshot(page, `contrast-palette-${name}`);
    await page.keyboard.press("Escape");
    const slider = page.locator('main [role="slider"]').first();
    if (await slider.count()) {
      await slider.focus();
      await page.keyboard.press("Home");
      for (let step = 0; step < 8; ++step) await page.keyboard.press("Shift+ArrowRight");
    }
    await screenshot(page, `contrast-${name}`);
    const moving = await page.evaluate(() => document.getAnimations().filter((one) => one.effect.getComputedTiming().duration > 1).length);
    assert.deepEqual([moving, await sidewaysOf(page), await violations(page), problems], [0, 0, [], []]);
    await close();
  });
}
