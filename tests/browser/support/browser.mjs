// A browser at a gateway of the tests' own.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { ADMIN_TOKEN, PASSWORD, setUpToken, startManaged, withToken } from "../../e2e/support/management.mjs";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
export const screenshots = join(root, "build/test/screenshots");
export { ADMIN_TOKEN, PASSWORD, withToken };

const require = createRequire(join(root, "web/package.json"));
const { chromium } = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

mkdirSync(screenshots, { recursive: true });

const program = process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

export async function launch() {
  assert.ok(program, "there is no Chromium: install Debian's chromium, or set CHROMIUM");
  return chromium.launch({ executablePath: program, args: ["--no-sandbox", "--disable-gpu"] });
}

/** startManaged, and `admin` is set up. */
export async function startWithAdmin(options = {}) {
  const gateway = await startManaged(options);
  const token = await setUpToken(gateway);
  const response = await fetch(`${gateway.url}/api/setup`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Origin: gateway.url },
    body: JSON.stringify({ token, name: "admin", password: PASSWORD }),
  });
  assert.equal(response.status, 200, await response.text());
  return gateway;
}

// Before anything of the page runs: what moves while nobody acts.
function observeShifts() {
  window.shifted = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.hadRecentInput) continue;
      const who = entry.sources?.map((source) => source.node?.outerHTML?.slice(0, 120) ?? "?") ?? [];
      window.shifted.push({ value: entry.value, who });
    }
  }).observe({ type: "layout-shift", buffered: true });
}

/**
 * A page of a context of its own, signed in as `as` (null: nobody).
 *   page       of Playwright
 *   problems   what the console and the page complained of
 */
export async function openPage(browser, gateway, { path = "/ui/", width = 1280, height = 900, theme = "light", as = "admin", media = {} } = {}) {
  const phone = width < 600;
  const context = await browser.newContext({
    viewport: { width, height: phone ? 844 : height },
    colorScheme: theme,
    isMobile: phone,
    hasTouch: phone,
    ...media,
  });
  if (as) {
    const answer = await context.request.post(`${gateway.url}/api/session`, {
      data: { name: as, password: PASSWORD },
      headers: { Origin: gateway.url },
    });
    assert.equal(answer.status(), 200, await answer.text());
  }
  await context.addInitScript(observeShifts);
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const problems = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(`page error: ${error.message}`));
  await page.goto(gateway.url + path);
  return { page, context, problems, close: () => context.close() };
}

/** Until nothing loads any more: no skeleton is left, and the network is quiet but for the live events. */
export async function settled(page) {
  await page.waitForFunction(() => document.querySelector("h1") && !document.querySelector(".animate-pulse"));
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(150);
}

/** What axe finds, by WCAG 2.2 AA and best practice; an empty list is right. */
export async function violations(page) {
  await page.evaluate(axeSource);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return found.violations.map(({ id, help, nodes }) => `${id}: ${help}\n${nodes.map((node) => `    ${node.html.slice(0, 200)} ${node.failureSummary?.split("\n")[1] ?? ""}`).join("\n")}`);
}

export const shiftOf = async (page) => {
  const shifts = await page.evaluate(() => window.shifted);
  return { sum: shifts.reduce((sum, shift) => sum + shift.value, 0), shifts };
};

// Not innerWidth: on a phone that grows with what is too wide.
export const sidewaysOf = (page) => page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth));

export const focused = (page) =>
  page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent?.trim() ?? "");

/** Tab until holds(name of what has the focus); by keyboard alone. */
export async function tabTo(page, name, tabs_max = 80) {
  for (let tabs = 0; tabs < tabs_max; ++tabs) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate(() => {
      const element = document.activeElement;
      const label = element?.getAttribute("aria-label") ?? element?.labels?.[0]?.textContent ?? element?.textContent ?? "";
      return label.trim().replace(/\s+/g, " ");
    });
    if (name instanceof RegExp ? name.test(found) : found === name) return;
  }
  assert.fail(`${name} cannot be reached with ${tabs_max} tabs`);
}
