// The gateway and the simulated upstream, as processes.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { cleanEnvironment, PUNCTUAL, startChild } from "./child.mjs";
import { until } from "./until.mjs";

const folders = new Set();
process.on("exit", () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), "punctual-e2e-"));
  folders.add(folder);
  return folder;
}

/** A configuration file in a folder of its own. */
export function configurationFile(text, mode = 0o600) {
  const file = join(temporaryFolder(), "punctual.toml");
  writeFileSync(file, text, { mode });
  return file;
}

/**
 * Starts a gateway on a free port and waits until it listens.
 *   config            text of its configuration file
 *   env               variables on top of a clean environment
 *   data              its folder, to start again where another one ended
 *   url, host, port   where it listens
 *   file              its configuration file
 *   records()         the whole lines of its request log, parsed
 *   recordWhen(holds) the first record for which holds(record)
 *   log()             what it has written to stderr
 *   stop()            SIGTERM; resolves to {code, signal}
 */
export async function startGateway({ config = "", env = {}, parameters = [], threads = 1, data = temporaryFolder() } = {}) {
  const file = configurationFile(config);
  const gateway = startChild(
    PUNCTUAL,
    ["serve", "--config", file, "--listen", "127.0.0.1:0", "--data", data, "--threads", String(threads), ...parameters],
    { env: cleanEnvironment({ PUNCTUAL_SERVER_REQUEST_LOG: join(data, "requests.jsonl"), ...env }) },
  );
  const [, url] = await gateway.line(/listening on (https?:\/\/\S+)\n/);
  const { hostname, port } = new URL(url);
  const records = () => {
    const text = readFileSync(join(data, "requests.jsonl"), "utf8");
    return text
      .slice(0, text.lastIndexOf("\n") + 1)
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  };
  const recordWhen = async (holds) =>
    (await until(`a record for which ${holds}`, records, (all) => all.some(holds))).find(holds);
  return { ...gateway, url, host: hostname, port: Number(port), file, data, records, recordWhen, log: () => gateway.output.stderr };
}

/**
 * Starts a simulated upstream on a free port.
 *   stats()            what its GET /stats says
 *   statsWhen(holds)   the first stats for which holds(stats)
 */
export async function startSimulator() {
  const simulator = startChild(PUNCTUAL, ["sim", "--listen", "127.0.0.1:0"]);
  const [, url] = await simulator.line(/listening on (http:\/\/\S+)\n/);
  const stats = async () => (await fetch(`${url}/stats`)).json();
  const statsWhen = (holds) => until(`stats for which ${holds}`, stats, holds);
  return { ...simulator, url, port: Number(new URL(url).port), stats, statsWhen };
}

/** A provider of the configuration. */
export function provider(name, baseUrl, { kind = "openai", more = "" } = {}) {
  return `[[providers]]\nname = "${name}"\nkind = "${kind}"\nbase_url = "${baseUrl}"\n${more}\n`;
}
