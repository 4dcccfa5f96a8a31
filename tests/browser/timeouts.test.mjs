// The page Timeouts: who gives up first, as picture and table; what stands in front, changed by mouse and by keyboard;
// a warning before a save that breaks the order.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { chat } from "../e2e/support/management.mjs";
import { launch, openPage, screenshots, settled, startWithAdmin, violations } from "./support/browser.mjs";
import { fill } from "./support/content.mjs";
import { assertSound, screenshot } from "./support/pages.mjs";

const FRONTS = "/api/settings/fronts";
const LOOKS = ["light", "dark"].flatMap((theme) => [1280, 768, 390].map((width) => [theme, width]));

let browser;
let gateway;
before(async () => {
  browser = await launch();
  gateway = await startWithAdmin({ config: '[[front]]\nkind = "nginx"\nname = "edge"\n' });
  await fill(gateway);
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
});

async function openTimeouts(query = "", options = {}) {
  const tab = await openPage(browser, gateway, { path: `/ui/timeouts${query}`, ...options });
  await settled(tab.page);
  const rowOf = (name) => tab.page.getByRole("row", { name: new RegExp(`^${name}`) });
  const picture = tab.page.getByRole("group", { name: /^The limits as bars/ });
  return { ...tab, rowOf, picture, dialog: tab.page.getByRole("dialog") };
}

for (const [theme, width] of LOOKS)
  test(`looks right, ${theme}, ${width} px`, async () => {
    for (const [name, query] of [["streamed", ""], ["whole", "?stream=false"]]) {
      const tab = await openTimeouts(query, { theme, width });
      await assertSound(tab);
      await screenshot(tab.page, `timeouts-${name}-${theme}-${width}`, { whole: true });
      await tab.close();
    }
  });

describe("who gives up first", () => {
  test("picture, table and words say the same", async () => {
    const { page, problems, picture, rowOf, close } = await openTimeouts("?stream=false");
    await page.getByText(/edge gives up first, after 1 min\. The client gets its error/).waitFor();
    assert.match(await picture.getAttribute("aria-label"), /edge gives up first, after 1 min/);
    await rowOf("edge").getByText("gives up first, after 1 min").waitFor();
    await rowOf("The whole request").getByText("not reached: 15 min").waitFor();
    const named = await page.getByRole("row").locator("th[scope=row]").allTextContents();
    const drawn = await picture.locator("p.truncate").allTextContents();
    assert.deepEqual(drawn.map((text) => text.trim()), named.map((text) => text.trim()));
    const { layers, findings } = await gateway.api.get("/api/settings/timeouts/chain?stream=false");
    assert.equal(named.length, layers.length);
    for (const { text } of findings) await page.getByText(text).waitFor();
    assert.deepEqual(problems, []);
    await close();
  });

  test("streamed, keep-alives hold it open; the choice is in the address", async () => {
    const { page, rowOf, close } = await openTimeouts();
    await rowOf("edge").getByText("kept open by a keep-alive every 15 s").first().waitFor();
    await page.getByText("Silent midway").first().waitFor();
    await page.getByLabel("Answer").selectOption("In one piece");
    await page.getByText(/edge gives up first/).first().waitFor();
    assert.match(page.url(), /stream=false/);
    await page.getByLabel("Endpoint").selectOption("Embeddings");
    await page.getByText(/edge gives up first, after 1 min/).first().waitFor();
    assert.equal(await page.getByLabel("Answer").isDisabled(), true);
    await close();
  });

  test("a rule with limits of its own: they are told as its own, and lead there", async () => {
    const { page, rowOf, close } = await openTimeouts();
    await page.getByLabel("Goes by").selectOption("Rule gpt-*");
    await rowOf("The first token").getByText("by rule gpt-*").waitFor();
    assert.match(await rowOf("The first token").textContent(), /20 s/);
    await rowOf("The first token").getByText("gives up first, after 20 s").waitFor();
    await rowOf("The first token").getByRole("link").click();
    await page.waitForURL(/\/ui\/settings#rules$/);
    await page.goBack();
    await rowOf("Silence between tokens").getByRole("link").click();
    await page.waitForURL(/\/ui\/settings#idle_seconds$/);
    await close();
  });
});

describe("what stands in front", () => {
  after(() => gateway.api.put(FRONTS, { fronts: null }));

  test("is added by keyboard alone, and the verdict changes at once", async () => {
    const { page, problems, dialog, rowOf, close } = await openTimeouts();
    await page.getByText(/Silent from the start\. Punctual gives up first/).waitFor();
    await page.getByRole("button", { name: "Add a layer" }).focus();
    await page.keyboard.press("Enter");
    await dialog.waitFor();
    await page.keyboard.press("Tab");
    const isFocused = (label) => dialog.getByLabel(label).evaluate((control) => control === document.activeElement);
    assert.equal(await isFocused("What it is"), true);
    await page.keyboard.type("a browser");
    await page.keyboard.press("Tab");
    await page.keyboard.type("the shop");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    assert.equal(await isFocused("Whole request"), true);
    await page.keyboard.type("30s");
    assert.deepEqual(await violations(page), []);
    await page.screenshot({ path: `${screenshots}/dialog-front.png` });
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "hidden" });
    await page.getByText(/Silent from the start\. the shop gives up first, after 30 s/i).waitFor();
    await rowOf("the shop").getByText("declared").waitFor();
    const { fronts, source } = await gateway.api.get(FRONTS);
    assert.deepEqual([source, fronts.map((one) => [one.kind, one.name, one.total_seconds])], ["stored", [["nginx", "edge", null], ["browser", "the shop", 30]]]);
    assert.deepEqual(problems, []);
    await close();
  });

  test("is moved, edited with what is wrong at its field, given to paste, removed, put back", async () => {
    const { page, problems, dialog, close } = await openTimeouts();
    const front = page.locator("#fronts");
    await front.getByRole("button", { name: "Move the shop outwards" }).click();
    await front.getByRole("listitem").first().getByText("the shop", { exact: true }).waitFor();
    await front.getByRole("button", { name: "Edit the shop" }).click();
    await dialog.getByLabel("Whole request").fill("soon");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByText(/“soon” is no duration/).first().waitFor();
    await dialog.getByLabel("Whole request").fill("20m");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.waitFor({ state: "hidden" });
    await page.getByText(/Silent from the start\. Punctual gives up first/).waitFor();
    await page.getByRole("row", { name: /^edge/ }).getByRole("link").click();
    await front.getByText("How to make it wait 945 s").last().click();
    await front.getByText("proxy_read_timeout 945s;").waitFor();
    await screenshot(page, "timeouts-snippet");
    assert.deepEqual(await violations(page), []);
    await front.getByRole("button", { name: "Remove the shop" }).click();
    await page.getByText("the shop is removed.").first().waitFor();
    await front.getByRole("button", { name: "Back to the file's" }).click();
    await front.getByText("from the file").waitFor();
    await page.goto(`${gateway.url}/ui/access`);
    await page.getByText("changed what stands in front").first().waitFor();
    assert.deepEqual(problems, []);
    await close();
  });

  test("changed elsewhere, it is shown here", async () => {
    const { page, close } = await openTimeouts();
    await gateway.api.put(FRONTS, { fronts: [] });
    await page.getByText("Nothing, as far as is known").waitFor();
    await page.getByText(/Every inner limit ends/).or(page.getByRole("list", { name: "Findings" })).first().waitFor();
    await gateway.api.put(FRONTS, { fronts: null });
    await page.locator("#fronts").getByText("edge").waitFor();
    await close();
  });

  test("who looks on is offered no change", async () => {
    const { page, close } = await openTimeouts("", { as: "ada" });
    await page.locator("#fronts").getByText("edge").waitFor();
    assert.equal(await page.getByRole("button", { name: /Add a layer|^Edit |^Remove |^Move / }).count(), 0);
    await close();
  });
});

test("what another limit would have done to the requests of the last day", async () => {
  await chat(gateway.url, "sim:never", { headers: { "X-Request-Timeout": "0.2" } });
  const { page, close } = await openTimeouts();
  const says = page.locator("#effect-says");
  await says.getByText(/^15 min is the limit in force: of \d+ requests it has cut/).waitFor();
  await page.getByLabel("Limit of Chat Completions").fill("10m");
  await page.getByLabel("Limit of Chat Completions").press("Enter");
  await says.getByText(/^A limit of 10 min would have cut none of \d+ requests/).waitFor();
  await close();
});

test("a save that breaks the order is warned of, and done all the same", async () => {
  await gateway.api.put(FRONTS, { fronts: [{ kind: "other", name: "the edge", total_seconds: 1000 }] });
  const { page, problems, close } = await openPage(browser, gateway, { path: "/ui/settings#timeouts" });
  await settled(page);
  const box = page.getByRole("textbox", { name: /^Chat Completions timeout/ });
  await box.fill("14m");
  await box.blur();
  const bar = page.getByRole("region", { name: "Unsaved changes" });
  await bar.waitFor();
  await box.fill("25m");
  await box.blur();
  await bar.getByText(/the edge gives up on a request after 1000 s, before our total of 1500 s/).waitFor();
  await bar.getByText(/It can be saved/).waitFor();
  assert.deepEqual(await violations(page), []);
  await screenshot(page, "settings-order-warning");
  await page.setViewportSize({ width: 390, height: 844 });
  await screenshot(page, "settings-order-warning-390");
  await bar.getByRole("button", { name: "Save Changes" }).click();
  await bar.waitFor({ state: "hidden" });
  assert.equal((await gateway.api.get("/api/settings/timeouts")).chat_seconds, 1500);
  await page.getByRole("link", { name: "See the whole chain" }).first().click();
  await page.getByText(/the edge gives up on a request after 1000 s/).waitFor();
  assert.deepEqual(problems, []);
  await gateway.api.put("/api/settings/timeouts", { chat_seconds: null });
  await gateway.api.put(FRONTS, { fronts: null });
  await close();
});

test("the palette leads here", async () => {
  const { page, close } = await openPage(browser, gateway, { path: "/ui/" });
  await settled(page);
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("cloudflare");
  await page.getByRole("option", { name: /What stands in front/ }).waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/ui\/timeouts#fronts$/);
  await close();
});
