// Loads node-llama-cpp, which is installed in tests/e2e (the only node_modules of the tests).

import {createRequire} from "node:module";
import {pathToFileURL} from "node:url";

const e2e = createRequire(new URL("../e2e/package.json", import.meta.url));

function locate() {
  try {
    return e2e.resolve("node-llama-cpp");
  } catch {
    throw new Error("node-llama-cpp is missing: run `npm ci --ignore-scripts` in tests/e2e");
  }
}

export const {getLlama, TokenBias} = await import(pathToFileURL(locate()));
