// Counts the requests that fail while the tab is in the background, for its title; back in front it begins anew.
//
//   onMount(() => countUnseen((count) => (title.unseen = count)))
//
// While the stream of events lasts it is counted by its events. A tab that is hidden for longer lets go of the
// stream; from then on the number is asked for once a minute, for half a day at most.

import { live } from "./events.svelte";
import type { Schemas } from "./client";

const ASK_MS = 60_000;
const ASK_FOR_MS_MAX = 12 * 3_600_000;
// A request can run for hours before it fails, and the log finds it by its beginning.
const BEGAN_BEFORE_MS = 3 * 3_600_000;

const isFailure = (outcome: string | undefined): boolean =>
  outcome === "timeout" || outcome === "error" || outcome === "refused";

export const failuresIn = (facets: Pick<Schemas["Facets"], "outcome">): number =>
  facets.outcome.values.reduce((sum, { value, count }) => sum + (isFailure(value) ? count : 0), 0);

/** Not through the client: an ended session is no matter for a tab that nobody looks at. */
async function ask(from: string): Promise<number | undefined> {
  try {
    const response = await fetch(`/api/requests/facets?from=${encodeURIComponent(from)}`);
    return response.ok ? failuresIn((await response.json()) as Schemas["Facets"]) : undefined;
  } catch {
    return undefined;
  }
}

export function countUnseen(tell: (count: number) => void): () => void {
  let seen = 0;
  let hiddenAt = 0;
  let known: number | undefined;
  let timer: ReturnType<typeof setInterval> | undefined;

  const poll = async () => {
    if (live.state !== "off") return;
    if (Date.now() - hiddenAt > ASK_FOR_MS_MAX) return clearInterval(timer);
    const count = await ask(new Date(hiddenAt - BEGAN_BEFORE_MS).toISOString());
    if (count === undefined || !hiddenAt) return;
    if (known !== undefined && count > known) tell((seen += count - known));
    known = count;
  };
  const turned = () => {
    clearInterval(timer);
    seen = 0;
    known = undefined;
    hiddenAt = document.hidden ? Date.now() : 0;
    if (document.hidden) timer = setInterval(() => void poll(), ASK_MS);
    else tell(0);
  };
  const stop = live.on("request", ({ outcome }) => {
    if (hiddenAt && isFailure(outcome)) tell(++seen);
  });
  document.addEventListener("visibilitychange", turned);
  if (document.hidden) turned();
  return () => {
    stop();
    clearInterval(timer);
    document.removeEventListener("visibilitychange", turned);
  };
}
