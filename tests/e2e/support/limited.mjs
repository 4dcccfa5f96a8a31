// A gateway whose providers each have one short limit, all of them the same simulator, and an address that never answers.

import { provider, startGateway, startSimulator } from "./gateway.mjs";
import { silentAddress } from "./silent_address.mjs";

export const LIMIT_SECONDS = 0.4;
// How late a limit may be seen to fire on a busy machine.
export const LATE_MS_MAX = 5000;

export const MESSAGES = {
  total: `Request timed out after ${LIMIT_SECONDS} seconds`,
  attempt: `Request timed out: upstream call not finished after ${LIMIT_SECONDS} seconds`,
  first_token: `Request timed out: no first token after ${LIMIT_SECONDS} seconds`,
  idle: `Request timed out: no further token after ${LIMIT_SECONDS} seconds`,
  connect: `Request timed out: no connection to the upstream after ${LIMIT_SECONDS} seconds`,
};

export const TIMEOUT_TYPE = "https://mlx-manager.dev/errors/timeout";

/** {gateway, simulator, stop()}; the models are "total/sim:...", "idle/sim:...", and so on; "free/..." has no short limit. */
export async function startLimited({ kind = "openai", config = "", env = {} } = {}) {
  const [simulator, silent] = await Promise.all([startSimulator(), silentAddress()]);
  const limited = ["total", "attempt", "first_token", "idle"].map((phase) =>
    provider(phase, `${simulator.url}/v1`, { kind, more: `timeouts = { ${phase}_seconds = ${LIMIT_SECONDS} }` }),
  );
  const gateway = await startGateway({
    config:
      config +
      limited.join("") +
      provider("free", `${simulator.url}/v1`, { kind }) +
      provider("connect", `http://127.0.0.1:${silent.port}/v1`, { kind, more: `timeouts = { connect_seconds = ${LIMIT_SECONDS} }` }),
    env,
  });
  const stop = async () => {
    await gateway.stop();
    await simulator.stop();
    silent.stop();
  };
  return { gateway, simulator, stop };
}
