// Pages of the web UI in a real Chromium, against a gateway of the tests' own.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { PASSWORD, setUpToken, startManaged, withCookie } from "../../e2e/support/management.mjs";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const require = createRequire(join(root, "web/package.json"));
const { chromium } = require("playwright-core");
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
export const SCREENSHOTS = join(root, "build/test/screenshots");

export const WIDTHS = { 1280: 800, 768: 1024, 390: 844 };
const ADMINISTRATOR = "ada";

export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });

/** A gateway whose first administrator is there. */
export async function startSetUp(options = {}) {
  const gateway = await startManaged(options);
  if (!options.again) {
    const token = await setUpToken(gateway);
    const answer = await withCookie(gateway.url).call("POST", "/api/setup", { token, name: ADMINISTRATOR, password: PASSWORD });
    assert.ok(answer.status < 300, answer.text);
  }
  return gateway;
}

/** Signed in, in a context of its own: {page, problems, close}; problems are errors of the page and refused content. */
export async function signIn(browser, gateway, { width = 1280, theme = "light" } = {}) {
  const context = await browser.newContext({
    viewport: { width, height: WIDTHS[width] ?? 800 },
    colorScheme: theme,
    hasTouch: width < 500,
    reducedMotion: "reduce",
    acceptDownloads: true,
  });
  const answer = await withCookie(gateway.url).call("POST", "/api/session", { name: ADMINISTRATOR, password: PASSWORD });
  const [name, value] = answer.headers["set-cookie"][0].split(";")[0].split("=");
  await context.addCookies([{ name, value, url: gateway.url }]);
  await context.addInitScript(() => {
    globalThis.shifted = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) globalThis.shifted += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  const page = await context.newPage();
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  return { page, problems, close: () => context.close() };
}

export const layoutShift = (page) => page.evaluate(() => globalThis.shifted);

/** Nothing for axe to complain about. */
export async function assertAccessible(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  const told = violations.map((one) => `${one.id}: ${one.help}\n  ${one.nodes.map((node) => node.html.slice(0, 200)).join("\n  ")}`);
  assert.deepEqual(told, []);
}

/** The page is not wider than the window. */
export async function assertNoSidewaysScroll(page) {
  const { wide, seen } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, seen: document.documentElement.clientWidth }));
  assert.ok(wide <= seen, `${wide} px in a window of ${seen} px`);
}

export async function screenshot(page, name) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}
