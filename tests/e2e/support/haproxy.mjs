// HAProxy as people put it in front: a real one, in a folder of its own, on a free port.

import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { startChild } from "./child.mjs";
import { temporaryFolder } from "./gateway.mjs";
import { freePort } from "./nginx.mjs";
import { until } from "./until.mjs";

export const HAPROXY = [process.env.HAPROXY, "/usr/sbin/haproxy", "/usr/local/sbin/haproxy"].find((path) => path && existsSync(path));

const configuration = (port, upstreamPort, serverTimeout) => `
global
  log stdout format raw local0
defaults
  mode http
  timeout connect 1s
  timeout client 60s
  timeout server ${serverTimeout}
frontend front
  bind 127.0.0.1:${port}
  default_backend gateway
backend gateway
  server gateway 127.0.0.1:${upstreamPort}
`;

/** Resolves to {url, port, stop()} when it answers. */
export async function startHaproxy(upstreamPort, { serverTimeout = "1s" } = {}) {
  const port = await freePort();
  const file = join(temporaryFolder(), "haproxy.cfg");
  writeFileSync(file, configuration(port, upstreamPort, serverTimeout));
  const haproxy = startChild(HAPROXY, ["-f", file, "-db"]);
  const url = `http://127.0.0.1:${port}`;
  const answers = () => fetch(`${url}/health`).then((response) => response.ok, () => false);
  await Promise.race([
    until("HAProxy answers", answers, Boolean),
    haproxy.ended.then(({ code }) => Promise.reject(new Error(`HAProxy ended with ${code}\n${haproxy.output.stdout}${haproxy.output.stderr}`))),
  ]);
  return { ...haproxy, url, port };
}
