// Each page, in light and dark, on a desk, a tablet and a phone.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { setUpToken, startManaged } from "../e2e/support/management.mjs";
import { launch, openPage, screenshots, settled, shiftOf, sidewaysOf, startWithAdmin, violations } from "./support/browser.mjs";
import { fill } from "./support/content.mjs";

let browser;
let fresh;
let used;
let link;
before(async () => {
  browser = await launch();
  fresh = await startManaged();
  link = `/ui/#setup=${await setUpToken(fresh)}`;
  used = await startWithAdmin({ env: { PUNCTUAL_TIMEOUT_EMBEDDINGS_SECONDS: "90" } });
  await fill(used);
});
after(async () => {
  await browser?.close();
  await fresh?.stop();
  await used?.stop();
});

const pages = [
  { name: "first-run", at: () => [fresh, link], as: null },
  { name: "sign-in", at: () => [used, "/ui/"], as: null },
  { name: "dashboard", at: () => [used, "/ui/"] },
  { name: "requests", at: () => [used, "/ui/requests"] },
  { name: "timeouts", at: () => [used, "/ui/timeouts"] },
  { name: "settings", at: () => [used, "/ui/settings"] },
  { name: "access", at: () => [used, "/ui/access"] },
];

async function check(page, problems, name) {
  await settled(page);
  const shift = await shiftOf(page); // before the picture: a picture of all of a page makes the window larger
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
  assert.ok(shift.sum < 0.01, `layout shift ${shift.sum}: ${JSON.stringify(shift.shifts, null, 1)}`);
  assert.equal(await sidewaysOf(page), 0, "the page scrolls sideways");
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(problems, []);
}

for (const { name, at, as = "admin" } of pages) {
  for (const theme of ["light", "dark"]) {
    for (const width of [1280, 768, 390]) {
      test(`${name}, ${theme}, ${width} pixels`, async () => {
        const [gateway, path] = at();
        const { page, problems, close } = await openPage(browser, gateway, { path, width, theme, as });
        await check(page, problems, `${name}-${theme}-${width}`);
        await close();
      });
    }
  }
}

const dialogs = [
  { name: "provider", path: "/ui/settings", open: (page) => page.getByRole("button", { name: "Edit openai" }).click() },
  { name: "rule", path: "/ui/settings", open: (page) => page.getByRole("button", { name: "Edit rule gpt-*" }).first().click() },
  { name: "new-key", path: "/ui/access", open: (page) => page.getByRole("button", { name: "New key" }).click() },
  { name: "user", path: "/ui/access", open: (page) => page.getByRole("button", { name: "Add user" }).click() },
  { name: "revoke", path: "/ui/access", open: (page) => page.getByRole("button", { name: "Revoke search-team" }).click() },
  {
    name: "unsaved",
    path: "/ui/settings",
    open: async (page) => {
      await page.getByText("Advanced", { exact: true }).click();
      await page.getByRole("textbox", { name: /^Chat Completions timeout/ }).fill("25m");
      await page.getByRole("textbox", { name: "Idle" }).fill("2h");
      await page.getByRole("textbox", { name: "Connect" }).fill("soon");
      await page.getByRole("textbox", { name: "Connect" }).blur();
    },
  },
];

for (const { name, path, open } of dialogs) {
  for (const [theme, width] of [["light", 1280], ["dark", 390]]) {
    test(`dialog ${name}, ${theme}, ${width} pixels`, async () => {
      const { page, problems, close } = await openPage(browser, used, { path, width, theme });
      await settled(page);
      await open(page);
      await page.waitForTimeout(200);
      await page.screenshot({ path: join(screenshots, `dialog-${name}-${theme}-${width}.png`) });
      assert.equal(await sidewaysOf(page), 0, "the page scrolls sideways");
      assert.deepEqual(await violations(page), []);
      assert.deepEqual(problems, []);
      await close();
    });
  }
}

test("a viewer sees everything and is offered no change", async () => {
  const { page, problems, close } = await openPage(browser, used, { path: "/ui/settings", as: "ada" });
  await check(page, problems, "settings-viewer-light-1280");
  assert.equal(await page.getByRole("button", { name: "Add provider" }).count(), 0);
  assert.equal(await page.getByRole("slider", { name: "Chat Completions timeout" }).isDisabled(), true);
  await close();
});

test("high contrast and 320 pixels: nothing is lost", async () => {
  const { page, problems, close } = await openPage(browser, used, {
    path: "/ui/settings",
    width: 320,
    media: { forcedColors: "active", reducedMotion: "reduce" },
  });
  await settled(page);
  await page.screenshot({ path: join(screenshots, "settings-contrast-320.png"), fullPage: true });
  assert.equal(await sidewaysOf(page), 0, "the page scrolls sideways");
  assert.deepEqual(problems, []);
  await close();
});
