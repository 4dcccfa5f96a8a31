// What holds of every page, whatever it shows.

import assert from "node:assert/strict";
import { join } from "node:path";

import { screenshots, settled, shiftOf, sidewaysOf, violations } from "./browser.mjs";

const SHIFT_MAX = 0.01;

export async function screenshot(page, name, { whole = false } = {}) {
  await settled(page);
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: whole });
}

/** Nothing for axe to complain of, nothing moves by itself, no sideways scroll, nothing on the console. */
export async function assertSound({ page, problems }) {
  await settled(page);
  assert.deepEqual(await violations(page), []);
  const { sum, shifts } = await shiftOf(page);
  assert.ok(sum < SHIFT_MAX, `layout shift ${sum}: ${JSON.stringify(shifts)}`);
  assert.ok((await sidewaysOf(page)) <= 0, "the page scrolls sideways");
  assert.deepEqual(problems, []);
}
