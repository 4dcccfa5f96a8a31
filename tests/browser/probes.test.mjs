// What `punctual doctor --url` found, on the page Timeouts: there as soon as it is known, in words, until forgotten.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { cleanEnvironment, PUNCTUAL, runToEnd } from "../e2e/support/child.mjs";
import { startRudeHop } from "../e2e/support/rude_hop.mjs";
import { launch, openPage, settled, startWithAdmin } from "./support/browser.mjs";
import { assertSound, screenshot } from "./support/pages.mjs";

const LOOKS = ["light", "dark"].flatMap((theme) => [1280, 390].map((width) => [theme, width]));

let browser;
let gateway;
let hop;
before(async () => {
  browser = await launch();
  gateway = await startWithAdmin({ config: "[timeouts]\nheartbeat_seconds = 0.3\n" });
  hop = await startRudeHop(gateway.port, { how: "reset", silenceMs: 700 });
});
after(async () => {
  await browser?.close();
  await hop?.stop();
  await gateway?.stop();
});

const probe = () => runToEnd(PUNCTUAL, ["doctor", "--url", `${hop.url}/v1`, "--longest", "1.5"], { env: cleanEnvironment() });

async function openProbes(options = {}) {
  const tab = await openPage(browser, gateway, { path: "/ui/timeouts", ...options });
  await settled(tab.page);
  return { ...tab, panel: tab.page.locator("#probes") };
}

test("says how to probe, shows what is found as it comes, and forgets it", async () => {
  const { page, panel, problems, close } = await openProbes();
  await panel.getByText("Nobody has probed a way in the last 30 days.").waitFor();
  await panel.getByText(`punctual doctor --url ${gateway.url}/v1`).waitFor();
  const { code, stderr } = await probe();
  assert.ok(code === 0 || code === 1, stderr);
  await panel.getByText(`${hop.url}/v1`).waitFor();
  await panel.getByText(/an answer that says nothing: cut after 0\.\d s: the connection was reset/).waitFor();
  await panel.getByText(/a stream with heartbeats: nobody cut it in 1\.5 s/).waitFor();
  await panel.getByText("from 127.0.0.1").waitFor();
  await panel.getByRole("button", { name: `Forget the probe of ${hop.url}/v1` }).click();
  await page.getByText(`The probe of ${hop.url}/v1 is forgotten.`).first().waitFor();
  await panel.getByText("Nobody has probed a way").waitFor();
  assert.deepEqual(problems, []);
  await close();
});

for (const [theme, width] of LOOKS)
  test(`looks right, ${theme}, ${width} px`, async () => {
    await probe();
    const tab = await openProbes({ theme, width });
    await tab.panel.getByText(`${hop.url}/v1`).waitFor();
    await assertSound(tab);
    await tab.panel.scrollIntoViewIfNeeded();
    await screenshot(tab.page, `timeouts-probes-${theme}-${width}`, { whole: true });
    await tab.close();
  });
