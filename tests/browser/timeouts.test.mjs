// The page Timeouts: who gives up first, as picture and table; what stands in front, changed by mouse and by keyboard;
// a warning before a save that breaks the order.

import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { after, before, describe, test } from "node:test";

import { chat } from "../e2e/support/management.mjs";
import { HELLO } from "../e2e/support/clients.mjs";
import { until } from "../e2e/support/until.mjs";
import { launch, openPage, screenshots, settled, startWithAdmin, violations } from "./support/browser.mjs";
import { fill } from "./support/content.mjs";
import { assertSound, screenshot } from "./support/pages.mjs";

const FRONTS = "/api/settings/fronts";
const LOOKS = ["light", "dark"].flatMap((theme) => [1280, 768, 390].map((width) => [theme, width]));

let browser;
let gateway;
/** Of a client that may use any model. */
let key;
before(async () => {
  browser = await launch();
  gateway = await startWithAdmin({ config: '[[front]]\nkind = "nginx"\nname = "edge"\n' });
  await fill(gateway);
  key = { Authorization: `Bearer ${(await gateway.api.post("/api/keys", { name: "the tests" })).key}` };
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
  await chat(gateway.url, "sim:never", { headers: { ...key, "X-Request-Timeout": "0.2" } });
  const { page, close } = await openTimeouts();
  const says = page.locator("#effect-says");
  await says.getByText(/^15 min is the limit in force: of \d+ requests it has cut/).waitFor();
  await page.getByLabel("Limit of Chat Completions").fill("10m");
  await page.getByLabel("Limit of Chat Completions").press("Enter");
  await says.getByText(/^A limit of 10 min would have cut none of \d+ requests/).waitFor();
  await close();
});

test("what another limit would have done to the requests of one rule", async () => {
  const { id } = await gateway.api.post("/api/settings/rules", { match: "exact", pattern: "my rule & more", targets: [{ provider: "sim", model: "sim-fast" }], timeouts: { total_seconds: 90 } });
  for (let i = 0; i < 3; ++i) await chat(gateway.url, "my rule & more", { headers: key });
  await until("the three are recorded", async () => (await gateway.api.get("/api/stats?rule=my+rule+%26+more&from=24h")).totals.requests, (count) => count === 3);
  const { page, problems, close } = await openTimeouts(`?for=rule:${id}`);
  const says = page.locator("#effect-says");
  await says.getByText("1 min 30 s is the limit in force: of 3 requests it has cut none.").waitFor();
  await page.getByLabel("Limit of Chat Completions by rule my rule & more").fill("1");
  await page.keyboard.press("Enter");
  await says.getByText(/^A limit of 1 s would have cut none of 3 requests\./).waitFor();
  assert.equal(await page.getByRole("button", { name: "Stage it" }).count(), 0, "a rule's limit is the rule's");
  await page.getByRole("link", { name: "Change it in the rule" }).click();
  await page.waitForURL(/\/ui\/settings#rules$/);
  await gateway.api.delete(`/api/settings/rules/${id}`);
  assert.deepEqual(problems, []);
  await close();
});

describe("a limit is staged on the page", () => {
  const total = async () => (await gateway.api.get("/api/settings/timeouts")).chat_seconds;
  const barOf = ({ page }) => page.getByRole("region", { name: "Unsaved changes" });
  const handleOf = ({ page }, name = "The whole request") => page.getByRole("slider", { name });

  test("by dragging a bar's end; nothing is saved before Save", async () => {
    const tab = await openTimeouts();
    const handle = handleOf(tab);
    assert.equal(await handle.getAttribute("aria-valuetext"), "15 minutes");
    const from = await handle.boundingBox();
    const to = await handleOf(tab, "Connecting to the upstream").boundingBox();
    const y = from.y + from.height / 2;
    await tab.page.mouse.move(from.x + from.width / 2, y);
    await tab.page.mouse.down();
    await tab.page.mouse.move((from.x + to.x) / 2 + from.width / 2, y, { steps: 5 });
    await tab.page.mouse.up();
    const wanted = Number(await handle.getAttribute("aria-valuenow"));
    assert.ok(wanted > 60 && wanted < 200, `half the way on the logarithmic axis: ${wanted} s`);
    await barOf(tab).getByText("1 unsaved change").waitFor();
    await tab.rowOf("The whole request").getByText("not saved; was 15 min").waitFor();
    assert.equal(await total(), 900);
    assert.deepEqual(await violations(tab.page), []);
    await screenshot(tab.page, "timeouts-staged");
    await barOf(tab).getByRole("button", { name: "Discard" }).click();
    assert.equal(await handle.getAttribute("aria-valuetext"), "15 minutes");
    // Moved without its button, it is only passed over.
    await tab.page.mouse.move(from.x - 100, y);
    assert.equal(await handle.getAttribute("aria-valuenow"), "900");
    assert.deepEqual(tab.problems, []);
    await tab.close();
  });

  test("by touch, on a phone", async () => {
    const tab = await openTimeouts("", { width: 390 });
    const handle = handleOf(tab);
    const box = await handle.boundingBox();
    // As a finger does it: touches become pointer events of the kind touch.
    const touch = (type, x) => handle.dispatchEvent(type, { pointerId: 7, pointerType: "touch", isPrimary: true, button: type === "pointermove" ? -1 : 0, buttons: 1, clientX: x, clientY: box.y + 5, bubbles: true });
    await handle.evaluate((element) => (element.setPointerCapture = () => {}));
    await touch("pointerdown", box.x + box.width / 2);
    await touch("pointermove", box.x - 60);
    await touch("pointerup", box.x - 60);
    assert.ok(Number(await handle.getAttribute("aria-valuenow")) < 900);
    assert.equal(await handle.evaluate((element) => getComputedStyle(element).touchAction), "none");
    await barOf(tab).waitFor();
    assert.equal(await total(), 900);
    await tab.close();
  });

  test("by keyboard alone, warned of what it breaks, saved", async () => {
    await gateway.api.put(FRONTS, { fronts: [{ kind: "other", name: "the edge", total_seconds: 1000 }] });
    const tab = await openTimeouts();
    const handle = handleOf(tab);
    await handle.focus();
    await tab.page.keyboard.press("ArrowRight");
    assert.equal(await handle.getAttribute("aria-valuetext"), "20 minutes");
    await tab.page.keyboard.press("ArrowLeft");
    await barOf(tab).waitFor({ state: "hidden" });
    await tab.page.keyboard.press("PageUp");
    assert.equal(await handle.getAttribute("aria-valuetext"), "30 minutes");
    await tab.page.keyboard.press("Home");
    assert.equal(await handle.getAttribute("aria-valuetext"), "1 minute");
    await tab.page.keyboard.press("End");
    assert.equal(await handle.getAttribute("aria-valuetext"), "2 hours");
    await barOf(tab).getByText(/the edge gives up on a request after 1000 s, before our total of 7200 s/).waitFor();
    await tab.page.keyboard.press("Control+s");
    await barOf(tab).waitFor({ state: "hidden" });
    assert.equal(await total(), 7200);
    assert.equal(await handle.getAttribute("aria-valuetext"), "2 hours");
    await tab.page.getByRole("list", { name: "Findings" }).getByText(/the edge gives up on a request after 1000 s, before our total of 7200 s/).waitFor();
    // Of a phase: past its longest it is none.
    const attempt = handleOf(tab, "One upstream call");
    assert.equal(await attempt.getAttribute("aria-valuetext"), "none");
    await attempt.focus();
    await tab.page.keyboard.press("ArrowLeft");
    assert.notEqual(await attempt.getAttribute("aria-valuetext"), "none");
    await tab.page.keyboard.press("ArrowRight");
    assert.equal(await attempt.getAttribute("aria-valuetext"), "none");
    await barOf(tab).waitFor({ state: "hidden" });
    await gateway.api.put("/api/settings/timeouts", { chat_seconds: null });
    await gateway.api.put(FRONTS, { fronts: null });
    assert.deepEqual(tab.problems, []);
    await tab.close();
  });

  test("by the box in the table, and from what another limit would do; leaving asks", async () => {
    const tab = await openTimeouts();
    const box = tab.page.getByRole("textbox", { name: "Limit: The whole request" });
    await box.fill("soon");
    await box.blur();
    await tab.rowOf("The whole request").getByText(/“soon” is no duration/).waitFor();
    await box.fill("20m");
    await box.blur();
    assert.equal(await handleOf(tab).getAttribute("aria-valuetext"), "20 minutes");
    await barOf(tab).getByRole("button", { name: "Discard" }).click();
    await tab.page.getByLabel("Limit of Chat Completions").fill("12m");
    await tab.page.keyboard.press("Enter");
    await tab.page.getByRole("button", { name: "Stage it" }).click();
    await barOf(tab).getByText(/12 min/).waitFor();
    assert.equal(await handleOf(tab).getAttribute("aria-valuetext"), "12 minutes");
    await tab.page.getByRole("link", { name: "Dashboard" }).first().click();
    await tab.page.getByRole("dialog").waitFor();
    assert.equal(await total(), 900);
    await tab.close();
  });

  test("only where it is ours and set for all: not for a rule, for the chat page, nor for who looks on", async () => {
    const rule = (await gateway.api.get("/api/settings/rules")).rules.find((one) => one.pattern === "gpt-*");
    const ruled = await openTimeouts(`?for=rule:${rule.id}`);
    await handleOf(ruled).waitFor();
    assert.equal(await handleOf(ruled, "The first token").count(), 0, "the rule sets it");
    assert.equal(await handleOf(ruled, "edge").count(), 0);
    await ruled.close();
    const page = await openTimeouts("?endpoint=chat_page");
    await page.picture.waitFor();
    assert.equal(await page.page.getByRole("slider").count(), 0);
    await page.close();
    const viewer = await openTimeouts("", { as: "ada" });
    await viewer.picture.waitFor();
    assert.equal(await viewer.page.getByRole("slider").count(), 0);
    assert.equal(await viewer.page.getByRole("textbox", { name: /^Limit: / }).count(), 0);
    await viewer.close();
  });
});

test("clients that hang up at one duration are a likely layer, which leads to their requests", async () => {
  const impatient = () =>
    new Promise((closed) => {
      const request = httpRequest(`${gateway.url}/v1/completions`, { method: "POST", headers: { "Content-Type": "application/json", ...key } });
      request.on("error", () => {});
      request.on("close", closed);
      request.end(JSON.stringify({ model: "sim:never", prompt: HELLO[0].content }));
      setTimeout(() => request.destroy(), 2000);
    });
  await Promise.all(Array.from({ length: 25 }, impatient));
  await until("they are recorded", async () => (await gateway.api.get("/api/requests?endpoint=completions&outcome=cancelled&count=50")).requests.length, (count) => count === 25);
  const { page, problems, rowOf, close } = await openTimeouts("?endpoint=completions&stream=false");
  await rowOf("Where clients hung up").getByText("learnt").waitFor();
  await rowOf("Where clients hung up").getByText("likely, not known").waitFor();
  await page.getByText(/\d+ clients hung up at about .* before our total of 600 s\. A limit of theirs/).waitFor();
  assert.equal(await page.getByText(/Where clients hung up gives up first/i).count(), 0);
  assert.deepEqual(await violations(page), []);
  await screenshot(page, "timeouts-learnt", { whole: true });
  const evidence = await page.getByRole("cell", { name: /clients hung up at about/ }).textContent();
  await page.getByRole("link", { name: /^The requests behind it: Where clients hung up/ }).click();
  await page.waitForURL(/\/ui\/requests\?endpoint=completions&from=7d&outcome=cancelled&slower_than=[\d.]+&faster_than=[\d.]+$/);
  await settled(page);
  const shown = (await gateway.api.get(`/api/requests${new URL(page.url()).search}`)).requests.length;
  assert.equal(shown, Number(/(\d+) clients/.exec(evidence)[1]));
  await page.getByText(/^Slower: .*, Faster: /).first().waitFor();
  await page.goBack();
  await page.getByRole("list", { name: "Findings" }).getByRole("link", { name: "The requests that it concerns" }).first().click();
  await page.waitForURL(/\/ui\/requests\?endpoint=completions&/);
  assert.deepEqual(problems, []);
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
