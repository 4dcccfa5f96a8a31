// Where things are, and how a stage runs a command: output to a log of its own, a limit on its time.

import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
export const reports = join(root, "build/test");
export const cores = availableParallelism();

mkdirSync(reports, { recursive: true });

export class StageError extends Error {}

// Ends the command and all that it started: it leads a process group of its own.
function endGroup(child) {
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
}

const running = new Set();
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    running.forEach(endGroup);
    process.exit(130);
  });
}

// Resolves to { code, log, output() }; code is null if the command crashed or ran out of time.
export function run(logName, command, parameters, { environment = {}, seconds_max = 600, folder = root } = {}) {
  const log = join(reports, `${logName}.log`);
  return new Promise((resolve) => {
    const file = createWriteStream(log);
    file.write(`$ ${command} ${parameters.join(" ")}\n`);
    const child = spawn(command, parameters, {
      cwd: folder,
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    running.add(child);
    const timer = setTimeout(() => {
      file.write(`\nended after ${seconds_max} seconds\n`);
      endGroup(child);
    }, seconds_max * 1000);
    child.stdout.pipe(file, { end: false });
    child.stderr.pipe(file, { end: false });
    child.on("error", (error) => file.write(`${error.message}\n`));
    child.on("close", (code) => {
      clearTimeout(timer);
      running.delete(child);
      file.end(() => resolve({ code, log, output: () => readFileSync(log, "utf8") }));
    });
  });
}

export function tail(text, lines = 25) {
  return text.trimEnd().split("\n").slice(-lines).join("\n");
}

// Runs the tasks, at most `width` at a time, and resolves to their results in order.
export async function inParallel(width, tasks) {
  const results = new Array(tasks.length);
  let next = 0;
  const worker = async () => {
    while (next < tasks.length) {
      const index = next++;
      results[index] = await tasks[index]();
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}
