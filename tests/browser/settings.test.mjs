// What is saved, and what is kept when it cannot be.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { launch, openPage, PASSWORD, settled, startWithAdmin } from "./support/browser.mjs";
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
  await save.click();
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
  await dialog.getByLabel("Name", { exact: true }).fill("openai");
  await dialog.getByLabel("Base URL").fill("http://127.0.0.1:9/v1");
  await dialog.getByLabel("API key").fill("sk-canary-0123456789abWXYZ");
  await dialog.getByRole("button", { name: "Save and test" }).click();
  await dialog.getByText("Is taken").waitFor();
  assert.equal(await dialog.getByLabel("Name", { exact: true }).evaluate((input) => input === document.activeElement), true);
  await dialog.getByLabel("Name", { exact: true }).fill("backup");
  await dialog.getByRole("button", { name: "Save and test" }).click();
  await page.getByText("key …WXYZ").waitFor();
  await page.getByText("Not reached").waitFor();
  assert.ok(!(await page.content()).includes("canary"));
  await page.getByRole("button", { name: "Edit backup" }).click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("button", { name: "Delete provider" }).click();
  await page.getByText("Provider “backup” is removed.").first().waitFor();
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
