// A `llama-server` for the PATH: takes its options, and is the real engine of these tests.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { temporaryFolder } from "./gateway.mjs";

const ENGINE = fileURLToPath(new URL("../../engine/engine.mjs", import.meta.url));

/** A PATH that has it before everything else; `started` is a file with a line of arguments for each start. */
export function pathWithLlamaServer() {
  const folder = temporaryFolder();
  const started = join(folder, "started");
  const script = `#!/bin/sh
echo "$@" >> ${started}
while [ $# -gt 0 ]; do
  case "$1" in
    -m) file=$2; shift ;;
    -a) name=$2; shift ;;
    --host) host=$2; shift ;;
  esac
  shift
done
named=${folder}/$$
mkdir $named && ln -s "$file" "$named/$name.gguf"
exec ${process.execPath} ${ENGINE} --exit-with-stdin --socket "$host" --file "$named/$name.gguf"
`;
  writeFileSync(join(folder, "llama-server"), script, { mode: 0o755 });
  return { path: `${folder}:${process.env.PATH}`, program: join(folder, "llama-server"), started };
}
