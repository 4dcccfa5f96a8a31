// Waiting for what is seen only by looking: at once when it is there, an error when time is up.

import { setTimeout as delay } from "node:timers/promises";

const LOOK_EVERY_MS = 10;
// Long enough for a busy machine; nothing waits for it when all is well.
export const WAIT_MS_MAX = 10_000;

/** The first value of look() for which holds(value); `what` is for the error. */
export async function until(what, look, holds, withinMs = WAIT_MS_MAX) {
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    const value = await look();
    if (holds(value)) return value;
    if (performance.now() > giveUpAt) {
      throw new Error(`not within ${withinMs} ms: ${what}; last seen: ${JSON.stringify(value)}`);
    }
    await delay(LOOK_EVERY_MS);
  }
}

/** How many milliseconds `work` took, and what it gave or threw. */
export async function timed(work) {
  const started = performance.now();
  try {
    return { value: await work(), ms: performance.now() - started };
  } catch (error) {
    return { error, ms: performance.now() - started };
  }
}
