// Builds targets of a preset. A target that does not exist is an error of ninja's, and so of the stage.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { root, run, StageError, tail } from "./context.mjs";

export async function build(preset, targets) {
  const folder = join(root, "build", preset);
  if (!existsSync(join(folder, "build.ninja"))) {
    const configured = await run(`configure-${preset}`, "cmake", ["--preset", preset, "-DPUNCTUAL_TESTS=ON"]);
    if (configured.code !== 0) throw new StageError(`CMake failed for ${preset}\n${tail(configured.output())}`);
  }
  const built = await run(`build-${preset}`, "cmake", ["--build", folder, ...(targets.length ? ["--target", ...targets] : [])], {
    seconds_max: 1800,
  });
  if (built.code !== 0) throw new StageError(`the build failed for ${preset}\n${tail(built.output(), 40)}`);
}

// Test binaries lie in the preset's folder or, as CMake has it by default, in that of tests/.
export function binary(preset, name) {
  const places = [join(root, "build", preset, name), join(root, "build", preset, "tests", name)];
  const found = places.find((place) => existsSync(place));
  if (!found) throw new StageError(`${name} was not built for ${preset}`);
  return found;
}
