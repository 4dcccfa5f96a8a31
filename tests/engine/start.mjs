// For tests: a running engine in one line.

import {spawn} from "node:child_process";
import {once} from "node:events";
import {createInterface} from "node:readline";
import {setTimeout as delay} from "node:timers/promises";
import {fileURLToPath} from "node:url";

import {DEFAULT_DIRECTORY} from "./models/make_models.mjs";

const STOP_MS_MAX = 2000;

/**
 * Starts an engine of its own (the models are made if missing) and waits until it is ready.
 *   url                        "http://127.0.0.1:PORT", without /v1
 *   stats()                    what GET /stats says, see slots.mjs
 *   statsWhen(holds, withinMs) the first stats for which holds(stats); throws when time is up
 *   stop()                     ends the process and waits for its end
 * The engine ends by itself when the process that started it is gone.
 */
export async function startEngine({
  tokenDelayMs = 0, threads = 1, models = process.env.PUNCTUAL_ENGINE_MODELS ?? DEFAULT_DIRECTORY,
} = {}) {
  const engine = spawn(process.execPath, [
    fileURLToPath(new URL("engine.mjs", import.meta.url)), "--exit-with-stdin",
    "--models", models, "--threads", String(threads), "--token-delay-ms", String(tokenDelayMs),
  ], {stdio: ["pipe", "pipe", "inherit"]});
  const exited = once(engine, "exit");
  const url = await Promise.race([
    addressOf(engine),
    exited.then(([code, signal]) => { throw new Error(`the engine ended: ${signal ?? code}`); }),
  ]);

  const stats = async () => (await fetch(`${url}/stats`)).json();
  const statsWhen = async (holds, withinMs = 2000) => {
    const giveUpAt = performance.now() + withinMs;
    for (;;) {
      const now = await stats();
      if (holds(now)) return now;
      if (performance.now() > giveUpAt) {
        throw new Error(`not within ${withinMs} ms: ${holds}; stats: ${JSON.stringify(now)}`);
      }
      await delay(5);
    }
  };
  const stop = async () => {
    engine.kill("SIGTERM");
    const force = setTimeout(() => engine.kill("SIGKILL"), STOP_MS_MAX);
    const [code, signal] = await exited;
    clearTimeout(force);
    return {code, signal};
  };
  return {url, stats, statsWhen, stop};
}

async function addressOf(engine) {
  for await (const line of createInterface({input: engine.stdout})) {
    const match = /^listening on (\S+)$/.exec(line);
    if (match) return match[1];
  }
  return new Promise(() => {});  // its end is reported by "exit"
}
