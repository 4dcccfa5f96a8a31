// nginx as people put it in front: a real one, in a folder of its own, on a free port.

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";

import { startChild } from "./child.mjs";
import { temporaryFolder } from "./gateway.mjs";
import { until } from "./until.mjs";

export const NGINX = [process.env.NGINX, "/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"].find((path) => path && existsSync(path));

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

const configuration = (folder, port, upstreamPort, { readTimeout, buffers }) => `
daemon off;
${process.getuid() === 0 ? "user root;" : ""}
worker_processes 1;
error_log ${folder}/error.log info;
pid ${folder}/nginx.pid;
events { worker_connections 256; }
http {
  access_log off;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`).join("\n  ")}
  upstream gateway {
    server 127.0.0.1:${upstreamPort};
    keepalive 8;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://gateway;
      ${{ never: `proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;`, unasked: "", always: "proxy_ignore_headers X-Accel-Buffering;" }[buffers]}
      proxy_read_timeout ${readTimeout};
    }
  }
}
`;

/**
 * Resolves to {url, port, stop()} when it answers.
 *   buffers   "never"; "unasked": it speaks HTTP/1.0 and holds back as it does by itself, unless an answer says
 *             otherwise; "always": whatever an answer says
 */
export async function startNginx(upstreamPort, { readTimeout = "1s", buffers = "never" } = {}) {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "logs"));
  const port = await freePort();
  const file = join(folder, "nginx.conf");
  writeFileSync(file, configuration(folder, port, upstreamPort, { readTimeout, buffers }));
  const nginx = startChild(NGINX, ["-p", folder, "-c", file, "-e", join(folder, "error.log")]);
  const url = `http://127.0.0.1:${port}`;
  const answers = () => fetch(`${url}/health`).then((response) => response.ok, () => false);
  await Promise.race([
    until("nginx answers", answers, Boolean),
    nginx.ended.then(({ code }) => Promise.reject(new Error(`nginx ended with ${code}\n${nginx.output.stderr}`))),
  ]);
  return { ...nginx, url, port };
}
