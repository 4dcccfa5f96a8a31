// By keyboard alone: no test here touches a mouse.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { setUpToken, startManaged } from "../e2e/support/management.mjs";
import { focused, launch, openPage, PASSWORD, settled, startWithAdmin, tabTo, withToken } from "./support/browser.mjs";
import { fill } from "./support/content.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

test("the first run: from the link to the settings", async () => {
  const gateway = await startManaged();
  const token = await setUpToken(gateway);
  const { page, problems, close } = await openPage(browser, gateway, { path: `/ui/#setup=${token}`, as: null });
  await page.getByLabel("Password", { exact: true }).waitFor();
  await page.keyboard.type("short");
  await page.keyboard.press("Enter");
  await page.getByText("At least 10 characters.").waitFor();
  await page.keyboard.press("Control+A");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Request Timeouts" }).waitFor();
  assert.ok(!page.url().includes(token), "the token stays in the address");
  assert.deepEqual(problems, []);
  await close();

  const again = await openPage(browser, gateway, { path: "/ui/settings", as: null });
  await again.page.getByRole("heading", { name: "Sign in" }).waitFor();
  await again.page.keyboard.type("admin");
  await again.page.keyboard.press("Tab");
  await again.page.keyboard.type(PASSWORD);
  await again.page.keyboard.press("Enter");
  await again.page.getByRole("heading", { name: "Settings", level: 1 }).waitFor();
  await again.close();
  await gateway.stop();
});

test("a timeout: changed with the arrows and with words, saved, in force", async () => {
  const gateway = await startWithAdmin();
  const { page, problems, close } = await openPage(browser, gateway, { path: "/ui/settings#timeouts" });
  await settled(page);
  await tabTo(page, "Chat Completions timeout");
  await page.keyboard.press("ArrowRight");
  await page.getByText("1 unsaved change").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-valuetext")), "20 minutes");
  await tabTo(page, /^Text Completions timeout, such/);
  await page.keyboard.press("Control+A");
  await page.keyboard.type("1h30m");
  await page.keyboard.press("Enter");
  await page.getByText("2 unsaved changes").waitFor();
  await page.keyboard.press("Control+S");
  await page.getByText("In force for every request that begins from now on").first().waitFor();
  const stored = await withToken(gateway.url).get("/api/settings/timeouts");
  assert.deepEqual([stored.chat_seconds, stored.completions_seconds], [1200, 5400]);
  await page.reload();
  await settled(page);
  assert.equal(await page.getByRole("textbox", { name: /^Chat Completions timeout/ }).inputValue(), "20 min");
  assert.deepEqual(problems, []);
  await close();
  await gateway.stop();
});

test("the order of the rules: with the arrows, announced, in force", async () => {
  const gateway = await startWithAdmin();
  await fill(gateway);
  const { page, close } = await openPage(browser, gateway, { path: "/ui/settings" });
  await settled(page);
  await tabTo(page, /^Move rule gpt-\*/);
  await page.keyboard.press("ArrowDown");
  await page.getByRole("status").filter({ hasText: "Rule gpt-* moved to 2 of 3" }).waitFor();
  assert.match(await focused(page), /^Move rule gpt-\*, 2 of 3/);
  await page.getByRole("status").filter({ hasText: "The order is saved" }).waitFor();
  const { rules } = await withToken(gateway.url).get("/api/settings/rules");
  assert.deepEqual(rules.map((rule) => rule.pattern), ["llama3.2", "gpt-*", "test-"]);
  await close();
  await gateway.stop();
});

test("places are reached with g and a letter, the list of keys with ?", async () => {
  const gateway = await startWithAdmin();
  const { page, close } = await openPage(browser, gateway, { path: "/ui/settings" });
  await settled(page);
  await page.keyboard.press("g");
  await page.keyboard.press("a");
  await page.getByRole("heading", { name: "Access", level: 1 }).waitFor();
  assert.equal(await page.title(), "Access · Punctual");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  await close();
  await gateway.stop();
});
