// A PostgreSQL server of a test's own, that can be stopped and started again under the gateways that use it.

import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const HOME = "/usr/lib/postgresql";
const versions = existsSync(HOME) ? readdirSync(HOME).sort((a, b) => Number(b) - Number(a)) : [];
const programs = versions.map((version) => join(HOME, version, "bin")).find((folder) => existsSync(join(folder, "initdb")));
// It does not run as root, so root becomes Debian's user postgres for it.
const isRoot = process.getuid() === 0;
const idOf = (kind) => Number(spawnSync("id", [kind, "postgres"], { encoding: "utf8" }).stdout);

export const hasPostgresql = programs !== undefined;

/**
 * {url, stop(), start(), end()}: reached by a socket in a temporary folder and by nothing else.
 *   tls   {port, certificate, key}: on 127.0.0.1 too, where TLS and a password are asked for
 */
export function startPostgresql({ tls } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "punctual-e2e-postgresql-"));
  const data = join(folder, "data");
  const run = (program, ...parameters) => {
    const words = [...(isRoot ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] : []), join(programs, program), ...parameters];
    const result = spawnSync(words[0], words.slice(1), { cwd: folder, encoding: "utf8", stdio: ["ignore", "ignore", "pipe"], timeout: 60_000 });
    if (result.status !== 0) throw new Error(`${program} failed: ${result.error?.message ?? result.stderr}`);
  };
  if (isRoot) chownSync(folder, idOf("-u"), idOf("-g"));
  chmodSync(folder, 0o700);
  run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
  const settings = ["listen_addresses=''", `unix_socket_directories='${folder}'`, "fsync=off", "max_connections=60", "shared_buffers=16MB"];
  if (tls) {
    for (const [name, from] of [["server.crt", tls.certificate], ["server.key", tls.key]]) {
      copyFileSync(from, join(folder, name));
      chmodSync(join(folder, name), 0o600);
      if (isRoot) chownSync(join(folder, name), idOf("-u"), idOf("-g"));
    }
    writeFileSync(join(data, "pg_hba.conf"), "local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n");
    settings[0] = "listen_addresses='127.0.0.1'";
    settings.push(`port=${tls.port}`, "ssl=on", `ssl_cert_file='${join(folder, "server.crt")}'`, `ssl_key_file='${join(folder, "server.key")}'`);
  }
  const options = settings.map((setting) => `-c ${setting}`).join(" ");
  let runs = false;
  const start = () => {
    run("pg_ctl", "-D", data, "-l", join(folder, "log"), "-w", "-o", options, "start");
    runs = true;
  };
  const stop = (mode = "immediate") => {
    if (runs) run("pg_ctl", "-D", data, "-m", mode, "-w", "stop");
    runs = false;
  };
  const end = () => {
    process.removeListener("exit", end);
    stop();
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", end);
  start();
  return { url: `postgresql://postgres@/postgres?host=${encodeURIComponent(folder)}${tls ? `&port=${tls.port}` : ""}`, start, stop, end };
}
