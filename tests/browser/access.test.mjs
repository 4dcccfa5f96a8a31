// Keys, users, sessions, changes.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, openPage, settled, startWithAdmin } from "./support/browser.mjs";

let browser;
let gateway;
before(async () => {
  browser = await launch();
  gateway = await startWithAdmin();
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
});

test("a key is shown once, works, and can be revoked", async () => {
  const { page, problems, close } = await openPage(browser, gateway, { path: "/ui/access" });
  await settled(page);
  await page.getByText("No API key yet").waitFor();
  await gateway.api.post("/api/keys", { name: "another" }); // without any, /v1 would ask for none
  await page.getByRole("button", { name: "New key" }).click();
  const dialog = page.getByRole("dialog", { name: "New API key" });
  await dialog.getByLabel("Requests per minute").fill("many");
  await dialog.getByLabel("Name").fill("ci");
  await dialog.getByRole("button", { name: "Make key" }).click();
  await dialog.getByText("Give a whole number").waitFor();
  await dialog.getByLabel("Requests per minute").fill("60");
  await dialog.getByLabel("Longest deadline").fill("2m");
  await dialog.getByRole("button", { name: "Make key" }).click();
  const shown = page.getByRole("dialog", { name: "API key “ci”" });
  const key = await shown.getByRole("region", { name: "API key" }).textContent();
  const list = () => fetch(`${gateway.url}/v1/models`, { headers: { Authorization: `Bearer ${key}` } });
  assert.equal((await list()).status, 200);
  await shown.getByRole("button", { name: "I have copied it" }).click();
  assert.ok(!(await page.content()).includes(key));
  await page.getByText("60 requests/min · at most 2 min").waitFor();
  await page.getByRole("button", { name: "Revoke ci" }).click();
  await page.getByRole("button", { name: "Revoke key" }).click();
  await page.getByText("“ci” is revoked").first().waitFor();
  assert.equal((await list()).status, 401);
  assert.deepEqual(problems, []);
  await close();
});

test("a user is made, and who did it is told", async () => {
  const { page, close } = await openPage(browser, gateway, { path: "/ui/access" });
  await settled(page);
  await page.getByRole("button", { name: "Add user" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a user" });
  await dialog.getByLabel("Name", { exact: true }).fill("grace");
  await dialog.getByLabel("Password", { exact: true }).fill("short");
  await dialog.getByRole("button", { name: "Add user" }).click();
  await dialog.locator("[aria-invalid=true]").waitFor();
  await dialog.getByLabel("Password", { exact: true }).fill("correct horse battery");
  await dialog.getByRole("button", { name: "Add user" }).click();
  await page.locator("#changes").getByText("added user grace").waitFor();
  await gateway.api.put("/api/settings/timeouts", { chat_seconds: 1200 });
  await page.locator("#changes").getByText("changed the timeouts").waitFor();
  await close();
});
