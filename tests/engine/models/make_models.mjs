// Makes the models that are missing:  node make_models.mjs [DIRECTORY]

import {createHash} from "node:crypto";
import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync}
  from "node:fs";
import {basename, dirname, join, resolve} from "node:path";
import {fileURLToPath} from "node:url";

import {chainModel} from "./chain_model.mjs";
import {embeddingModel} from "./embedding_model.mjs";
import {projectorModel} from "./projector_model.mjs";
import {rerankModel} from "./rerank_model.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));

export const DEFAULT_DIRECTORY = resolve(HERE, "../../../build/engine-models");

const CATALOGUE = {
  "chain": chainModel,
  "chain-endless": (options) => chainModel({...options, endless: true}),
  "chain-slow": (options) => chainModel({...options, layers: 8, feedForward: 1536, context: 8192}),
  "embed": embeddingModel,
  // For llama-server alone: our engine loads what lies in the folder itself.
  "more/rank": rerankModel,
  "more/sight": projectorModel,
};

export const MODEL_NAMES = Object.keys(CATALOGUE);

/** Makes what is missing or was made by another version of these sources. Safe to run at once in
 *  several processes. */
export function makeModels(directory = DEFAULT_DIRECTORY) {
  mkdirSync(join(directory, "more"), {recursive: true});
  const stamp = join(directory, "made-by");
  const sources = sourcesDigest();
  const current = existsSync(stamp) && readFileSync(stamp, "utf8") === sources;
  for (const name of MODEL_NAMES) {
    const path = join(directory, `${name}.gguf`);
    if (!current || !existsSync(path)) CATALOGUE[name]({name: basename(name)}).write(path);
  }
  if (current) return;
  writeFileSync(`${stamp}.${process.pid}.tmp`, sources);
  renameSync(`${stamp}.${process.pid}.tmp`, stamp);
}

function sourcesDigest() {
  const paths = readdirSync(HERE).sort().map((name) => join(HERE, name));
  const hash = createHash("sha256");
  for (const path of [...paths, join(HERE, "../known_answers.mjs")]) hash.update(readFileSync(path));
  return hash.digest("hex");
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const directory = resolve(process.argv[2] ?? DEFAULT_DIRECTORY);
  makeModels(directory);
  for (const name of MODEL_NAMES) {
    const path = join(directory, `${name}.gguf`);
    console.log(`${path}  ${(statSync(path).size / 2 ** 20).toFixed(1)} MiB`);
  }
}
