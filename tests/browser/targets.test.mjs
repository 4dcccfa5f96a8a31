// Several targets: a server chosen by its name, a rule that balances, a breaker that opens and is held, a queue.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { chat } from "../e2e/support/management.mjs";
import { startScripted, wholeAnswer } from "../e2e/support/scripted.mjs";
import { until } from "../e2e/support/until.mjs";
import { focused, launch, openPage, screenshots, settled, startWithAdmin, violations } from "./support/browser.mjs";
import { assertSound, screenshot } from "./support/pages.mjs";

const LOOKS = [["light", 1280], ["dark", 1280], ["light", 390], ["dark", 390]];
const REFUSED = "http://127.0.0.1:9/v1";

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

const providerNamed = async (name) => (await gateway.api.get("/api/settings/providers")).providers.find((one) => one.name === name);
async function openSettings(options = {}) {
  const tab = await openPage(browser, gateway, { path: "/ui/settings", ...options });
  await settled(tab.page);
  const dialog = tab.page.getByRole("dialog");
  const addProvider = () => tab.page.getByRole("button", { name: "Add provider" }).click();
  return { ...tab, dialog, addProvider };
}

describe("a provider begins with which server it is", () => {
  test("found by name, by keyboard alone; what is known of it is filled in and saved", async () => {
    const { page, problems, dialog, addProvider, close } = await openSettings();
    await addProvider();
    await dialog.getByText("On machines of your own").waitFor();
    assert.equal(await focused(page), "Find a server");
    const first = await dialog.getByRole("listitem").first().textContent();
    assert.match(first, /Ollama/, "local ones stand first");
    assert.equal(await dialog.getByRole("button", { name: "Save" }).count(), 0);
    await page.keyboard.type("ollam");
    await dialog.getByRole("button", { name: /^OpenAI/ }).waitFor({ state: "hidden" });
    await page.keyboard.press("Enter");
    const name = dialog.getByLabel("Name", { exact: true });
    assert.equal(await name.inputValue(), "ollama");
    assert.equal(await name.evaluate((input) => input === document.activeElement), true);
    assert.equal(await dialog.getByLabel("Base URL").inputValue(), "http://localhost:11434/v1");
    await dialog.getByText("Listens on port 11434 and ignores keys.").waitFor();
    assert.match(await dialog.getByRole("link", { name: "Documentation" }).getAttribute("href"), /^https:\/\/docs\.ollama\.com\//);
    await dialog.getByText("Advanced", { exact: true }).click();
    await dialog.getByLabel("At once").fill("4");
    await dialog.getByLabel("May wait").fill("20");
    await dialog.getByText("At most 4 requests at once per model; 20 more may wait.").waitFor();
    assert.deepEqual(await violations(page), []);
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.waitFor({ state: "hidden" });
    const saved = await providerNamed("ollama");
    assert.deepEqual([saved.preset, saved.auth, saved.in_flight_max, saved.waiting_max], ["ollama", "bearer", 4, 20]);
    await page.getByText("4 at once").waitFor();
    await page.getByRole("button", { name: "Edit ollama" }).click();
    await dialog.getByText("key in Authorization · 4 at once").waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await addProvider();
    await dialog.getByRole("button", { name: /^Ollama/ }).click();
    assert.equal(await name.inputValue(), "ollama-2", "a name that is free");
    assert.deepEqual(problems, []);
    await close();
  });

  test("whose address is everyone's own: its form is told, and the address is asked for", async () => {
    const { page, dialog, addProvider, close } = await openSettings();
    await addProvider();
    await dialog.getByRole("button", { name: /^Azure OpenAI/ }).click();
    await dialog.getByText("Yours, of the form https://RESOURCE.openai.azure.com/openai/v1").waitFor();
    const url = dialog.getByLabel("Base URL");
    assert.equal(await url.evaluate((input) => input === document.activeElement), true);
    await dialog.getByText(/^It goes into the header api-key/).waitFor();
    await dialog.getByRole("button", { name: "Choose another" }).click();
    await dialog.getByRole("button", { name: /^Another server/ }).click();
    await dialog.getByLabel("Speaks").selectOption("anthropic");
    await dialog.getByText("such as https://api.anthropic.com/v1").waitFor();
    await dialog.getByText(/^It goes into the header x-api-key/).waitFor();
    await dialog.getByText("Advanced", { exact: true }).click();
    await dialog.getByLabel("At once").fill("many");
    await dialog.getByLabel("At once").blur();
    await dialog.getByText("Give a whole number, 0 to 100,000.").waitFor();
    assert.deepEqual(await violations(page), []);
    await close();
  });

  for (const [theme, width] of LOOKS)
    test(`looks right, ${theme}, ${width} px`, async () => {
      const tab = await openSettings({ theme, width });
      await tab.addProvider();
      await tab.dialog.getByText("In the cloud").waitFor();
      await tab.page.screenshot({ path: `${screenshots}/dialog-presets-${theme}-${width}.png` });
      assert.deepEqual(await violations(tab.page), []);
      await tab.dialog.getByRole("button", { name: /^vLLM/ }).click();
      await tab.dialog.getByText("Advanced", { exact: true }).click();
      await tab.dialog.getByLabel("At once").fill("8");
      await tab.page.screenshot({ path: `${screenshots}/dialog-preset-${theme}-${width}.png` });
      await assertSound(tab);
      await tab.close();
    });
});

test("a rule by weight: saved, told in its row, shown again", async () => {
  await gateway.api.post("/api/settings/providers", { name: "second", kind: "openai", base_url: REFUSED });
  const { page, problems, dialog, close } = await openSettings();
  await page.getByRole("button", { name: "Add rule" }).click();
  await dialog.getByRole("textbox", { name: "Pattern" }).fill("shared-*");
  await dialog.getByLabel("Provider 1", { exact: true }).selectOption("sim");
  assert.equal(await dialog.getByLabel("Which is asked first").count(), 0, "one target needs no balance");
  await dialog.getByRole("button", { name: "Add a fallback" }).click();
  await dialog.getByLabel("Provider 2", { exact: true }).selectOption("second");
  assert.equal(await dialog.getByLabel("Weight of target 1").count(), 0);
  await dialog.getByLabel("Which is asked first").selectOption("weighted");
  await dialog.getByText("Each is asked first for its share of the requests").waitFor();
  await dialog.getByLabel("Weight of target 1").fill("3");
  await dialog.getByText("75 % of requests").waitFor();
  await dialog.getByLabel("Weight of target 2").fill("0");
  await dialog.getByText("only when all others fail").waitFor();
  await dialog.getByLabel("Retries of each target").fill("2");
  await dialog.getByRole("switch", { name: "Always stream from the provider" }).check({ force: true });
  assert.deepEqual(await violations(page), []);
  await dialog.getByRole("button", { name: "Add rule" }).click();
  await dialog.waitFor({ state: "hidden" });
  await page.getByText("by weight 3 : 0 · 2 retries · streams upstream").waitFor();
  const rule = (await gateway.api.get("/api/settings/rules")).rules.find((one) => one.pattern === "shared-*");
  assert.deepEqual([rule.balance, rule.retries_max, rule.stream_upstream], ["weighted", 2, true]);
  assert.deepEqual(rule.targets.map((target) => target.weight ?? 1), [3, 0]);
  await page.getByRole("button", { name: "Edit rule shared-*" }).click();
  assert.equal(await dialog.getByLabel("Weight of target 1").inputValue(), "3");
  assert.equal(await dialog.getByLabel("Weight of target 2").inputValue(), "0");
  assert.equal(await dialog.getByLabel("Retries of each target").inputValue(), "2");
  assert.equal(await dialog.getByRole("switch", { name: "Always stream from the provider" }).isChecked(), true);
  assert.deepEqual(problems, []);
  await close();
  for (const [theme, width] of LOOKS) {
    const tab = await openSettings({ theme, width });
    await tab.page.getByRole("button", { name: "Edit rule shared-*" }).click();
    await tab.dialog.getByLabel("Weight of target 1").waitFor();
    await tab.page.screenshot({ path: `${screenshots}/dialog-balance-${theme}-${width}.png` });
    await assertSound(tab);
    await tab.close();
  }
});

test("a breaker that has opened is told on the dashboard, and held by hand", async () => {
  await gateway.api.post("/api/settings/providers", { name: "gone", kind: "openai", base_url: REFUSED });
  for (let number = 0; number < 5; ++number) assert.ok((await chat(gateway.url, "gone/llama3.2")).status >= 500);
  await chat(gateway.url, "sim-fast");
  for (const [theme, width] of LOOKS) {
    const tab = await openPage(browser, gateway, { path: "/ui/", theme, width });
    await tab.page.getByRole("list", { name: "Models of gone now" }).getByText("left alone").waitFor();
    await assertSound(tab);
    await screenshot(tab.page, `dashboard-breaker-${theme}-${width}`, { whole: true });
    await tab.close();
  }
  const { page, problems, close } = await openPage(browser, gateway, { path: "/ui/" });
  const models = page.getByRole("list", { name: "Models of gone now" });
  await models.getByText(/(for another \d+ s|until the next request tries it) after 5 failures/).waitFor();
  const dialog = page.getByRole("dialog", { name: "Hold llama3.2 at gone" });
  const hold = async (how, action) => {
    await models.getByRole("button", { name: "Hold llama3.2 at gone" }).click();
    await dialog.getByRole("radio", { name: how }).check();
    assert.deepEqual(await violations(page), []);
    await page.screenshot({ path: `${screenshots}/dialog-hold-${action.replaceAll(" ", "-")}.png` });
    await dialog.getByRole("button", { name: action }).click();
    await dialog.waitFor({ state: "hidden" });
    return (await gateway.api.get("/api/targets")).targets.find((one) => one.provider === "gone").hold;
  };
  assert.equal(await hold("Held open", "Hold it open"), "open");
  await models.getByText("held open").waitFor();
  assert.equal(await focused(page), "Hold llama3.2 at gone");
  assert.equal(await hold("Held closed", "Hold it closed"), "closed");
  await models.getByText("held closed").waitFor();
  assert.equal(await hold("Automatic", "Let it go"), "automatic");
  await page.goto(`${gateway.url}/ui/access`);
  await page.getByText("held or let go the breaker of gone/llama3.2").first().waitFor();
  assert.deepEqual(problems, []);
  await close();
});

test("what is seen changes while one looks: a target that is asked comes by itself", async () => {
  const { page, close } = await openPage(browser, gateway, { path: "/ui/" });
  const models = page.getByRole("list", { name: "Models of sim now" });
  await models.waitFor();
  const answer = chat(gateway.url, "sim:never", { headers: { "X-Request-Timeout": "8" } });
  await models.getByText("1 in flight").waitFor();
  await models.getByText("1 in flight").waitFor({ state: "hidden" });
  await answer;
  await close();
});

test("who looks on is offered no hold", async () => {
  await gateway.api.post("/api/users", { name: "ada", password: "correct horse battery", role: "viewer" });
  const { page, close } = await openPage(browser, gateway, { path: "/ui/", as: "ada" });
  await page.getByRole("list", { name: "Models of gone now" }).waitFor();
  assert.equal(await page.getByRole("button", { name: /^Hold / }).count(), 0);
  await close();
});

test("a request that waits for its place says so, and its record shows for how long", async (t) => {
  const waiting = [];
  const release = () => waiting.splice(0).forEach((line) => line.send(wholeAnswer(200, { id: "1", object: "chat.completion", choices: [{ index: 0, message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }] })));
  const upstream = await startScripted((line, request) => (request.method === "POST" ? waiting.push(line) : line.send(wholeAnswer(200, { object: "list", data: [] }))));
  t.after(() => upstream.stop());
  await gateway.api.post("/api/settings/providers", { name: "narrow", kind: "openai", base_url: `${upstream.url}/v1`, in_flight_max: 1 });
  const tab = await openPage(browser, gateway, { path: "/ui/requests" });
  const { page, close } = tab;
  const answers = [1, 2, 3].map(() => chat(gateway.url, "narrow/m"));
  await page.getByRole("row").getByText(/1st in line/).waitFor();
  await page.getByRole("row").getByText(/2nd in line/).waitFor();
  await screenshot(page, "requests-queue");
  await page.getByRole("row", { name: /2nd in line/ }).click({ position: { x: 20, y: 15 } });
  await page.getByText(/^Waiting for a free place: 2nd in line/).waitFor();
  await screenshot(page, "requests-queue-detail");
  assert.deepEqual(await violations(page), []);
  const timer = setInterval(release, 100);
  t.after(() => clearInterval(timer));
  for (const answer of await Promise.all(answers)) assert.equal(answer.status, 200);
  const { requests } = await until("all are recorded", () => gateway.api.get("/api/requests?provider=narrow"), (all) => all.requests.length === 3);
  const details = await Promise.all(requests.map((one) => gateway.api.get(`/api/requests/${one.id}`)));
  const longest = details.sort((a, b) => (b.record.queue_ms ?? 0) - (a.record.queue_ms ?? 0))[0];
  assert.ok(longest.record.queue_ms > 0);
  await page.goto(`${gateway.url}/ui/requests/${longest.record.request_id}`);
  await page.getByText(/for a free place$/).waitFor();
  await page.getByText("Queue", { exact: true }).first().waitFor();
  await screenshot(page, "requests-queued-waterfall");
  assert.deepEqual(await violations(page), []);
  await close();
});
