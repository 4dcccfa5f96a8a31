// Local models in Settings: added with an estimate, edited, pinned, removed; what this machine has already is offered.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { DEFAULT_DIRECTORY, makeModels } from "../engine/models/make_models.mjs";
import { temporaryFolder } from "../e2e/support/gateway.mjs";
import { pathWithLlamaServer } from "../e2e/support/llama_server.mjs";
import { startServer } from "../e2e/support/machine.mjs";
import { chat } from "../e2e/support/management.mjs";
import { until } from "../e2e/support/until.mjs";
import { focused, launch, openPage, settled, startWithAdmin, tabTo, violations } from "./support/browser.mjs";
import { assertSound, screenshot } from "./support/pages.mjs";

makeModels(DEFAULT_DIRECTORY);
const CHAIN = join(DEFAULT_DIRECTORY, "chain.gguf");
const engine = pathWithLlamaServer();
let browser;
let gateway;
let ollama;
let home;
before(async () => {
  browser = await launch();
  ollama = await startServer("ollama");
  home = temporaryFolder();
  mkdirSync(join(home, "models"));
  copyFileSync(CHAIN, join(home, "models/Tiny-Chain-Q8_0.gguf"));
  gateway = await startWithAdmin({
    config: `[pool]\nmemory_limit = "8GiB"\n[[models]]\nname = "filed"\nengine = "llama-server"\nfile = "${CHAIN}"\nslots = 2\n`,
    env: { PATH: engine.path, HOME: home, PUNCTUAL_DISCOVERY_PORTS: String(ollama.port), PUNCTUAL_DISCOVERY_FOLDERS: "~/models" },
  });
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
  ollama?.stop();
});

const models = async () => (await gateway.api.get("/api/settings/models")).models;
const named = async (name) => (await models()).find((one) => one.name === name);

async function openPool(options = {}) {
  const opened = await openPage(browser, gateway, { path: "/ui/settings#pool", ...options });
  await settled(opened.page);
  const { page } = opened;
  const dialog = page.getByRole("dialog");
  return { ...opened, dialog, pool: page.getByRole("region", { name: "Model Pool" }) };
}

test("a model is added by its path: named as its file, estimated while it is typed, there at once", async () => {
  const { page, dialog, close } = await openPool();
  await page.getByRole("button", { name: "Add model" }).click();
  await dialog.getByRole("textbox", { name: "File", exact: true }).fill(CHAIN);
  assert.equal(await dialog.getByRole("textbox", { name: "Name" }).inputValue(), "chain");
  await dialog.getByText(/Takes about .* weights .* for a context of 8192 .* The pool may use 8 GiB\./).waitFor();
  await dialog.getByRole("textbox", { name: "At once" }).fill("2");
  await dialog.getByRole("textbox", { name: "Context" }).fill("512");
  await dialog.getByText(/for a context of 512 x 2 slots/).waitFor();
  assert.deepEqual(await violations(page), []);
  await screenshot(page, "models-dialog-light-1280");
  await dialog.getByRole("button", { name: "Add model" }).click();
  await page.getByText("The first request loads it.").first().waitFor();
  await page.getByRole("button", { name: "Edit chain" }).waitFor();
  assert.deepEqual([(await named("chain")).slots, (await named("chain")).context], [2, 512]);
  assert.equal((await chat(gateway.url, "chain", { more: { max_tokens: 1 } })).status, 200);
  await close();
});

test("what is wrong stands at its field; too much is said before it is saved", async () => {
  const { page, dialog, close } = await openPool();
  await page.getByRole("button", { name: "Add model" }).click();
  const file = dialog.getByRole("textbox", { name: "File", exact: true });
  await file.fill("/nowhere/x.gguf");
  await dialog.getByRole("status", { name: "Estimate" }).getByText(/does not find/).waitFor();
  await dialog.getByRole("button", { name: "Add model" }).click();
  await until("the field is wrong", () => file.getAttribute("aria-invalid"), (value) => value === "true");
  await file.fill(CHAIN);
  await dialog.getByRole("textbox", { name: "At once" }).fill("1024");
  await dialog.getByRole("textbox", { name: "Context" }).fill("1000000");
  await dialog.getByText(/It can never be loaded like this/).waitFor();
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  await close();
});

test("pinned, loaded, edited and removed by keyboard alone", async () => {
  await gateway.api.post("/api/settings/models", { name: "keyed", engine: "llama-server", file: CHAIN });
  const { page, dialog, close } = await openPool();
  await tabTo(page, "Pin keyed");
  await page.keyboard.press("Enter");
  await until("it is pinned", () => named("keyed"), (one) => one.pinned);
  await until("the button says so", () => page.getByRole("button", { name: "Pin keyed" }).getAttribute("aria-pressed"), (value) => value === "true");
  assert.equal(await focused(page), "Pin keyed");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await until("it is loaded", async () => (await gateway.api.get("/api/pool")).models.find((one) => one.model === "keyed").state, (state) => state === "ready");
  await tabTo(page, "Edit keyed");
  await page.keyboard.press("Enter");
  await dialog.waitFor();
  await tabTo(page, "Unload after");
  await page.keyboard.type("5m");
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "hidden" });
  assert.equal((await named("keyed")).idle_unload_seconds, 300);
  await tabTo(page, "Edit keyed");
  await page.keyboard.press("Enter");
  await tabTo(page, "Delete");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: /Delete model/ }).waitFor();
  await tabTo(page, "Delete model");
  await page.keyboard.press("Enter");
  await until("it is gone", () => named("keyed"), (one) => one === undefined);
  await close();
});

test("one of the file: changed here it is stored, and back", async () => {
  const { page, dialog, close } = await openPool();
  await page.getByRole("button", { name: "Edit filed" }).click();
  assert.equal(await dialog.getByRole("button", { name: "Delete" }).count(), 0);
  await dialog.getByRole("textbox", { name: "At once" }).fill("3");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "hidden" });
  await until("it is stored", () => named("filed"), (one) => one.origin === "stored" && one.slots === 3);
  await page.getByRole("button", { name: "Edit filed" }).click();
  await dialog.getByRole("button", { name: "Back to the file's" }).click();
  await page.getByRole("dialog", { name: /from the file again/ }).getByRole("button", { name: "Back to the file's" }).click();
  await until("it is the file's", () => named("filed"), (one) => one.origin === "file" && one.slots === 2);
  await close();
});

test("found on this machine: nobody is asked before, nothing is added without a click", async () => {
  const { page, dialog, close } = await openPool();
  assert.deepEqual(ollama.asked, []);
  await page.getByRole("button", { name: "Look", exact: true }).click();
  await page.getByRole("list", { name: "Servers that run" }).getByText("Ollama").waitFor();
  await page.getByRole("list", { name: "Model files" }).getByText("tiny-chain-q8_0", { exact: true }).waitFor();
  assert.deepEqual(await violations(page), []);
  await screenshot(page, "models-found-light-1280", { whole: true });
  assert.equal((await gateway.api.get("/api/settings/providers")).providers.length, 1);
  await page.getByRole("button", { name: "Add as provider: Ollama" }).click();
  await until("the provider", async () => (await gateway.api.get("/api/settings/providers")).providers, (all) => all.some((one) => one.name === "ollama"));
  await page.getByRole("list", { name: "Servers that run" }).getByText("added").waitFor();
  await page.getByRole("button", { name: "Add tiny-chain-q8_0" }).click();
  await dialog.getByText(/Takes about/).waitFor();
  assert.equal(await named("tiny-chain-q8_0"), undefined);
  await dialog.getByRole("button", { name: "Add model" }).click();
  await page.getByRole("list", { name: "Model files" }).getByText("added").waitFor();
  assert.equal((await named("tiny-chain-q8_0")).file, join(home, "models/Tiny-Chain-Q8_0.gguf"));
  await close();
});

test("a viewer looks and changes nothing", async () => {
  await gateway.api.post("/api/users", { name: "vera", password: "correct horse battery", role: "viewer" });
  const { page, dialog, close } = await openPool({ as: "vera" });
  for (const name of ["Add model", "Look", "Pin filed", "Load filed"]) assert.equal(await page.getByRole("button", { name, exact: true }).count(), 0, name);
  await page.getByRole("button", { name: "Look filed" }).click();
  assert.equal(await dialog.getByRole("button", { name: "Save" }).count(), 0);
  assert.equal(await dialog.getByRole("textbox", { name: "File", exact: true }).isDisabled(), true);
  await close();
});

for (const theme of ["light", "dark"]) {
  for (const width of [1280, 390]) {
    test(`sound in ${theme} at ${width}: the list, what was found, the dialog`, async () => {
      const opened = await openPool({ theme, width });
      const { page, dialog, pool, close } = opened;
      await assertSound(opened);
      await page.getByRole("button", { name: "Look", exact: true }).click();
      await page.getByRole("list", { name: "Model files" }).waitFor();
      await pool.scrollIntoViewIfNeeded();
      await screenshot(page, `models-${theme}-${width}`, { whole: true });
      assert.deepEqual(await violations(page), []);
      await page.getByRole("button", { name: "Edit filed" }).click();
      await dialog.getByText(/Takes about/).waitFor();
      await screenshot(page, `models-edit-${theme}-${width}`);
      assert.deepEqual(await violations(page), []);
      assert.deepEqual(opened.problems, []);
      await close();
    });
  }
}
