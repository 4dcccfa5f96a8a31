// What is saved, and what is kept when it cannot be.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";

import { startScripted, wholeAnswer } from "../e2e/support/scripted.mjs";
import { focused, launch, openPage, PASSWORD, screenshots, settled, startWithAdmin, violations } from "./support/browser.mjs";
import { fill } from "./support/content.mjs";

let browser;
let gateway;
before(async () => {
  browser = await launch();
  gateway = await startWithAdmin({ env: { PUNCTUAL_TIMEOUT_EMBEDDINGS_SECONDS: "90" } });
  await fill(gateway);
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
});
beforeEach(() => gateway.api.put("/api/settings/timeouts", { chat_seconds: null, idle_seconds: null }));

async function openSettings() {
  const opened = await openPage(browser, gateway, { path: "/ui/settings" });
  await settled(opened.page);
  const chatBox = opened.page.getByRole("textbox", { name: /^Chat Completions timeout/ });
  const type = async (text) => {
    await chatBox.fill(text);
    await chatBox.blur();
  };
  return { ...opened, chatBox, type, save: opened.page.getByRole("button", { name: "Save Changes" }) };
}

test("the five sections stand in their order", async () => {
  const { page, close } = await openSettings();
  const headings = await page.getByRole("heading", { level: 2 }).allTextContents();
  assert.deepEqual(headings, ["Cloud Providers", "Model Pool", "Model Routing Rules", "Request Timeouts", "Request Logs"]);
  await close();
});

test("slider and box are one; what is no duration or out of range cannot be saved", async () => {
  const { page, chatBox, type, save, close } = await openSettings();
  await type("20m");
  const slider = page.getByRole("slider", { name: "Chat Completions timeout" });
  assert.equal(await slider.getAttribute("aria-valuetext"), "20 minutes");
  await type("3h");
  await page.getByText("Give 1 min to 2 h.").waitFor();
  assert.equal(await save.isDisabled(), true);
  assert.equal(await chatBox.inputValue(), "3h");
  await type("soon");
  await page.getByText("“soon” is no duration").waitFor();
  await page.getByRole("button", { name: "Discard" }).click();
  assert.equal(await chatBox.inputValue(), "15 min");
  await save.waitFor({ state: "hidden" });
  await close();
});

test("defaults are staged, not saved; what a variable pins stays and says so", async () => {
  await gateway.api.put("/api/settings/timeouts", { chat_seconds: 1200 });
  const { page, close } = await openSettings();
  await page.getByText("PUNCTUAL_TIMEOUT_EMBEDDINGS_SECONDS").waitFor();
  assert.equal(await page.getByRole("slider", { name: "Embeddings timeout" }).isDisabled(), true);
  await page.getByRole("button", { name: "Reset to Defaults" }).click();
  await page.getByText("2 unsaved changes").waitFor();
  assert.equal((await gateway.api.get("/api/settings/timeouts")).chat_seconds, 1200);
  await page.getByRole("button", { name: "Discard" }).click();
  await close();
});

test("somebody else is faster: the edits stay, the difference is shown", async () => {
  const { page, type, save, close } = await openSettings();
  await type("20m");
  await gateway.api.put("/api/settings/timeouts", { chat_seconds: 1800, idle_seconds: 60 });
  await page.getByText("Changed elsewhere while you were editing").waitFor();
  await page.getByText("Chat Completions: 15 min → 30 min now; yours: 20 min").waitFor();
  await page.getByRole("button", { name: "Take theirs: Chat Completions" }).click();
  assert.equal(await save.count(), 0);
  await type("25m");
  await save.click();
  await page.getByText("In force for every request").first().waitFor();
  const stored = await gateway.api.get("/api/settings/timeouts");
  assert.deepEqual([stored.chat_seconds, stored.idle_seconds], [1500, 60]);
  await close();
});

test("leaving with edits asks; staying keeps them", async () => {
  const { page, chatBox, type, close } = await openSettings();
  await type("20m");
  await page.getByRole("link", { name: "Access" }).click();
  await page.getByRole("button", { name: "Stay" }).click();
  assert.equal(await chatBox.inputValue(), "20 min");
  await page.getByRole("link", { name: "Access" }).click();
  await page.getByRole("button", { name: "Discard and leave" }).click();
  await page.getByRole("heading", { name: "Access", level: 1 }).waitFor();
  await close();
});

test("the session ends: a dialog over the page, and the save goes on", async () => {
  const { page, context, type, save, close } = await openSettings();
  await type("20m");
  const { sessions } = await (await context.request.get(`${gateway.url}/api/sessions`)).json();
  await gateway.api.delete(`/api/sessions/${sessions.find((one) => one.current).id}`);
  // By script: on a busy machine the live events meet the end first, and the dialog is there already.
  await save.evaluate((button) => button.click());
  const dialog = page.getByRole("dialog", { name: "Your session has ended" });
  await dialog.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("In force for every request").first().waitFor();
  assert.equal((await gateway.api.get("/api/settings/timeouts")).chat_seconds, 1200);
  await close();
});

test("the gateway is away: it says when it tries again, edits stay, and it comes back", async () => {
  const own = await startWithAdmin();
  const { page, context, close } = await openPage(browser, own, { path: "/ui/settings" });
  await settled(page);
  const box = page.getByRole("textbox", { name: /^Chat Completions timeout/ });
  await box.fill("20m");
  await context.setOffline(true);
  await own.stop();
  await page.getByText(/Reconnecting in \d+ s/).waitFor();
  await page.getByRole("button", { name: "Save Changes" }).click();
  await page.getByText("Not saved: The gateway cannot be reached").waitFor();
  assert.equal(await box.inputValue(), "20 min");
  await close();
});

test("a provider: its key goes in and never comes out; it is tested at once", async () => {
  const { page, close } = await openSettings();
  await page.getByRole("button", { name: "Add provider" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a provider" });
  await dialog.getByRole("button", { name: "Another server" }).click();
  await dialog.getByLabel("Name", { exact: true }).fill("openai");
  await dialog.getByLabel("Base URL").fill("http://127.0.0.1:9/v1");
  await dialog.getByLabel("API key").fill("sk-canary-0123456789abWXYZ");
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await dialog.getByText("Is taken").waitFor();
  assert.equal(await dialog.getByLabel("Name", { exact: true }).evaluate((input) => input === document.activeElement), true);
  await dialog.getByLabel("Name", { exact: true }).fill("backup");
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("key …WXYZ").waitFor();
  await page.getByText("Not reached").waitFor();
  assert.ok(!(await page.content()).includes("canary"));
  await page.getByRole("button", { name: "Edit backup" }).click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("button", { name: "Delete provider" }).click();
  await page.getByText("Provider “backup” is removed.").first().waitFor();
  await close();
});

test("a provider is tested before it is saved; a stored key never goes to another host", async () => {
  const answers = startScripted((line, request) => line.send(wholeAnswer(request.headers.authorization === "Bearer sk-canary-right-0001" ? 200 : 401, request.headers.authorization === "Bearer sk-canary-right-0001" ? { object: "list", data: [{ id: "a" }, { id: "b" }] } : { error: { message: "who are you?" } })));
  const [upstream, elsewhere] = [await answers, await startScripted((line) => line.send(wholeAnswer(200, { object: "list", data: [] })))];
  const { page, problems, close } = await openSettings();
  await page.getByRole("button", { name: "Add provider" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Another server" }).click();
  const test = dialog.getByRole("button", { name: "Test" });
  await dialog.getByLabel("Base URL").fill("nowhere");
  await test.click();
  await dialog.getByText(/^Is no URL|http/).first().waitFor();
  assert.equal(await dialog.getByLabel("Base URL").getAttribute("aria-invalid"), "true");
  assert.equal(await dialog.getByLabel("Base URL").evaluate((input) => input === document.activeElement), true);
  await dialog.getByLabel("Base URL").fill(`${upstream.url}/v1`);
  await dialog.getByLabel("API key").fill("sk-canary-wrong-0002");
  await test.click();
  await dialog.getByText("Answered 401").waitFor();
  await dialog.getByText(/does not take the key.*who are you/).waitFor();
  await page.screenshot({ path: join(screenshots, "dialog-provider-tested-bad.png") });
  await dialog.getByLabel("API key").fill("sk-canary-right-0001");
  assert.equal(await dialog.getByText("Answered 401").count(), 0, "a result of what is typed no longer");
  await test.click();
  await dialog.getByText(/Connected .* 2 models/).waitFor();
  assert.deepEqual(await violations(page), []);
  assert.equal((await gateway.api.get("/api/settings/providers")).providers.some((one) => one.base_url.includes(upstream.url)), false);
  await dialog.getByLabel("Name", { exact: true }).fill("tested");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "hidden" });

  await page.getByRole("button", { name: "Edit tested" }).click();
  await test.click();
  await dialog.getByText(/Connected .* 2 models/).waitFor();
  await dialog.getByLabel("Base URL").fill(`${elsewhere.url}/v1`);
  await test.click();
  await dialog.getByText(/Must be given again/).waitFor();
  assert.equal(await dialog.getByLabel("API key").evaluate((input) => input === document.activeElement), true);
  assert.equal(elsewhere.requests.length, 0);
  await dialog.getByRole("button", { name: "Cancel" }).click();
  assert.equal(await focused(page), "Edit tested");
  assert.ok(!(await page.content()).includes("canary"));
  assert.deepEqual(problems.filter((text) => !/422|Failed to load/.test(text)), []);
  await close();
  const { providers } = await gateway.api.get("/api/settings/providers");
  await gateway.api.delete(`/api/settings/providers/${providers.find((one) => one.name === "tested").id}`);
  upstream.stop();
  elsewhere.stop();
});

// The fingers of Chromium itself, as a phone sends them.
async function fingers(page, context) {
  const client = await context.newCDPSession(page);
  const send = (type, points) => client.send("Input.dispatchTouchEvent", { type, touchPoints: points });
  return {
    async drag(from, to, { steps = 12, drop = true } = {}) {
      await send("touchStart", [from]);
      for (let step = 1; step <= steps; ++step) {
        const share = step / steps;
        await send("touchMove", [{ x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share }]);
        await page.waitForTimeout(16);
      }
      if (drop) await send("touchEnd", []);
    },
    lift: () => send("touchEnd", []),
  };
}
const middle = async (locator) => {
  const box = await locator.boundingBox();
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
};
// Rows glide to their places: what is on its way is not where it seems.
const still = (page) => page.waitForFunction(() => document.getAnimations().every((one) => one.playState !== "running"));
const orderOf = async () => (await gateway.api.get("/api/settings/rules")).rules.map((rule) => rule.pattern);

test("a rule is dragged by touch, past others of other heights, and Escape puts it back", async () => {
  const { page, context, close } = await openPage(browser, gateway, { path: "/ui/settings#rules", width: 390 });
  await settled(page);
  const before = await orderOf();
  const touch = await fingers(page, context);
  const grips = page.getByRole("button", { name: /^Move rule / });
  await grips.first().scrollIntoViewIfNeeded();
  const scrolled = await page.evaluate(() => scrollY);
  await touch.drag(await middle(grips.first()), await middle(grips.last()), { drop: false });
  await page.screenshot({ path: join(screenshots, "settings-rule-dragged-390.png") });
  assert.equal(await page.evaluate(() => scrollY), scrolled, "the page stays where it is");
  await touch.lift();
  await page.getByRole("status").filter({ hasText: "The order is saved" }).waitFor({ state: "attached" });
  assert.deepEqual(await orderOf(), [...before.slice(1), before[0]]);

  await still(page);
  await touch.drag(await middle(grips.last()), await middle(grips.first()), { drop: false });
  await page.keyboard.press("Escape");
  await page.getByRole("status").filter({ hasText: "The order is as it was" }).waitFor({ state: "attached" });
  await touch.lift();
  assert.deepEqual(await orderOf(), [...before.slice(1), before[0]]);

  await still(page);
  await touch.drag(await middle(grips.last()), await middle(grips.first()));
  await page.waitForFunction((text) => document.querySelector("[data-rule] code")?.textContent === text, before[0]);
  await page.waitForTimeout(300);
  assert.deepEqual(await orderOf(), before);
  await close();
});

test("elsewhere a finger scrolls the page", async () => {
  const { page, context, close } = await openPage(browser, gateway, { path: "/ui/settings", width: 390 });
  await settled(page);
  const touch = await fingers(page, context);
  await touch.drag({ x: 200, y: 600 }, { x: 200, y: 300 });
  await page.waitForFunction(() => scrollY > 100);
  await close();
});

test("a rule: made, tried, dragged", async () => {
  const { page, close } = await openSettings();
  await page.getByRole("button", { name: "Add rule" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a rule" });
  await dialog.getByRole("textbox", { name: "Pattern" }).fill("tiny-*");
  await dialog.getByLabel("Provider 1", { exact: true }).selectOption("sim");
  await dialog.getByLabel(/^Model to ask provider 1/).fill("sim-fast");
  await dialog.getByRole("button", { name: "Add rule" }).click();
  await dialog.waitFor({ state: "hidden" });
  await page.getByLabel("Try a name").fill("tiny-7b");
  await page.getByText("rule 4 (tiny-*)").waitFor();
  const grip = page.getByRole("button", { name: /^Move rule tiny-\*/ });
  const from = await grip.boundingBox();
  const to = await page.getByRole("button", { name: /^Move rule gpt-\*/ }).boundingBox();
  await page.mouse.move(from.x + 5, from.y + 10);
  await page.mouse.down();
  await page.mouse.move(to.x + 5, to.y + 60, { steps: 8 });
  await page.mouse.move(to.x + 5, to.y + 4, { steps: 8 });
  await page.mouse.up();
  await page.getByText("rule 1 (tiny-*)").waitFor();
  const { rules } = await gateway.api.get("/api/settings/rules");
  assert.equal(rules[0].pattern, "tiny-*");
  await close();
});
