// A certificate authority for one test, and a server certificate for localhost signed by it.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { temporaryFolder } from "./gateway.mjs";

const openssl = (folder, ...parameters) => execFileSync("openssl", parameters, { cwd: folder, stdio: "pipe" });

/** Paths: ca (the authority's certificate), certificate and key (the server's). */
export function makeAuthority(names = "DNS:localhost,IP:127.0.0.1") {
  const folder = temporaryFolder();
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl(folder, "req", "-x509", ...newKey, "-days", "2", "-subj", "/CN=a throw-away authority", "-keyout", "ca.key", "-out", "ca.pem");
  openssl(folder, "req", ...newKey, "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr");
  writeFileSync(join(folder, "extensions"), `subjectAltName=${names}\nextendedKeyUsage=serverAuth\n`);
  openssl(folder, "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "extensions", "-out", "server.pem");
  return { ca: join(folder, "ca.pem"), certificate: join(folder, "server.pem"), key: join(folder, "server.key") };
}
