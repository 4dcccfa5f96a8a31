// A process of the tests: its output is kept, and it is gone when the tests are.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const STOP_MS_MAX = 10_000;
const START_MS_MAX = 20_000;

export const PUNCTUAL =
  process.env.PUNCTUAL ?? join(fileURLToPath(new URL("../../..", import.meta.url)), "build/release/punctual");

const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** The variables of this process without those that would configure a gateway. */
export function cleanEnvironment(additional = {}) {
  const entries = Object.entries(process.env).filter(([name]) => !/^(PUNCTUAL|MLX_SERVER|OPENAI|ANTHROPIC)/.test(name));
  return { ...Object.fromEntries(entries), ...additional };
}

/**
 * output.stdout, output.stderr   what it has said so far
 * ended                          resolves to {code, signal}
 * line(pattern)                  the match of the first line on stdout that fits
 * stop()                         SIGTERM, then its end
 */
export function startChild(command, parameters, { env = cleanEnvironment() } = {}) {
  const child = spawn(command, parameters, { env, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) {
    child[name].setEncoding("utf8");
    child[name].on("data", (text) => (output[name] += text));
  }
  const ended = once(child, "close").then(([code, signal]) => {
    running.delete(child);
    return { code, signal };
  });
  const line = (pattern) =>
    new Promise((resolve, reject) => {
      const told = (reason) => reject(new Error(`${command} ${parameters.join(" ")} ${reason}\n${output.stdout}${output.stderr}`));
      const timer = setTimeout(() => told("did not say that it is ready"), START_MS_MAX);
      const look = () => {
        const match = pattern.exec(output.stdout);
        if (!match) return;
        clearTimeout(timer);
        resolve(match);
      };
      child.stdout.on("data", look);
      ended.then(({ code, signal }) => {
        clearTimeout(timer);
        told(`ended: ${signal ?? code}`);
      });
      look();
    });
  const stop = async (signal = "SIGTERM") => {
    child.kill(signal);
    const force = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
    const result = await ended;
    clearTimeout(force);
    return result;
  };
  return { child, output, ended, line, stop, kill: (signal) => child.kill(signal) };
}

/** A command that ends by itself: {code, stdout, stderr}. */
export async function runToEnd(command, parameters, options) {
  const child = startChild(command, parameters, options);
  const { code } = await child.ended;
  return { code, ...child.output };
}
