// A PostgreSQL server of the tests' own: in a temporary folder, reached by a socket in it and by nothing else, and gone
// afterwards. It does not run as root, so root becomes Debian's user postgres for it.

import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StageError } from "./context.mjs";

const home = "/usr/lib/postgresql";
const isRoot = () => process.getuid() === 0;

// The newest server that Debian has installed, or what the path finds.
function programs() {
  const versions = existsSync(home) ? readdirSync(home).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(home, version, "bin")).find((folder) => existsSync(join(folder, "initdb"))) ?? "";
}

function idOf(kind) {
  const result = spawnSync("id", [kind, "postgres"], { encoding: "utf8" });
  if (result.status !== 0) throw new StageError("there is no user postgres; as root its server cannot be started as another user");
  return Number(result.stdout);
}

function runAsServer(folder, program, parameters) {
  const command = join(programs(), program);
  const words = isRoot() ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", command, ...parameters] : [command, ...parameters];
  const result = spawnSync(words[0], words.slice(1), { cwd: folder, encoding: "utf8", stdio: ["ignore", "ignore", "pipe"], timeout: 60_000 });
  if (result.status !== 0) throw new StageError(`${program} failed: ${result.error?.message ?? result.stderr}`);
}

// Runs `use(url)` with a server that is there as long as it runs.
export async function withPostgresql(use) {
  const folder = mkdtempSync(join(tmpdir(), "punctual-postgresql-"));
  const data = join(folder, "data");
  const stop = () => runAsServer(folder, "pg_ctl", ["-D", data, "-m", "immediate", "-w", "stop"]);
  const stopAtSignal = () => {
    stop();
    rmSync(folder, { recursive: true, force: true });
  };
  let started = false;
  try {
    if (isRoot()) chownSync(folder, idOf("-u"), idOf("-g"));
    chmodSync(folder, 0o700);
    runAsServer(folder, "initdb", ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
    const settings = ["listen_addresses=''", `unix_socket_directories='${folder}'`, "fsync=off", "max_connections=50", "shared_buffers=16MB"];
    const options = settings.map((setting) => `-c ${setting}`).join(" ");
    runAsServer(folder, "pg_ctl", ["-D", data, "-l", join(folder, "log"), "-w", "-o", options, "start"]);
    started = true;
    process.once("exit", stopAtSignal);
    return await use(`postgresql://postgres@/postgres?host=${encodeURIComponent(folder)}`);
  } finally {
    process.removeListener("exit", stopAtSignal);
    if (started) stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
