// The models that can be chosen, and what their states mean.

import type { Schemas } from "$api/client";

export type Model = Schemas["ChatModel"];

/** Of a local model, in words: what happens when it is asked. */
export const STATES: Readonly<Record<string, string>> = {
  unloaded: "local, will be loaded",
  waiting: "local, waits for memory",
  loading: "local, loading",
  ready: "local, loaded",
  quarantined: "local, is started anew",
  stopping: "local, being unloaded",
};

/** Which one to begin with: the one used last if it is there, else a loaded one, else the first. */
export const firstChoice = (models: readonly Model[], last: string): string =>
  last || models.find((model) => model.state === "ready")?.id || models[0]?.id || "";
