// The list as it is shown: pages of the log, and what ends meanwhile, in one order without gap or double.
//
// Newest first by (began, id), as the gateway lists them. Events come in the order in which requests end, so
// one that took long belongs further down; below the last one loaded it is left to the page that will hold it.

import type { Entry } from "./filters";

/** Text of fixed length that sorts as the time does, whatever its digits: ".5Z" and ".500123Z". */
function timeKey(time: string): string {
  const [seconds = "", fraction = ""] = time.replace(/Z$/, "").split(".");
  return `${seconds}.${fraction.padEnd(6, "0")}`;
}

/** Negative: a stands above b. */
export function newestFirst(a: Entry, b: Entry): number {
  const [left, right] = [timeKey(a.time), timeKey(b.time)];
  return left === right ? b.id - a.id : left < right ? 1 : -1;
}

/** Both lists in order; of doubles the first one's stays. */
export function merged(list: readonly Entry[], more: readonly Entry[]): Entry[] {
  const known = new Set(list.map((entry) => entry.id));
  const fresh = more.filter((entry) => !known.has(entry.id)).sort(newestFirst);
  if (!fresh.length) return list as Entry[];
  const last = list.at(-1);
  if (!last || newestFirst(last, fresh[0] as Entry) < 0) return [...list, ...fresh];
  const out: Entry[] = [];
  let at = 0;
  for (const entry of fresh) {
    while (at < list.length && newestFirst(list[at] as Entry, entry) < 0) out.push(list[at++] as Entry);
    out.push(entry);
  }
  for (; at < list.length; ++at) out.push(list[at] as Entry);
  return out;
}

/** What came live; `whole`: nothing older is left to be loaded. */
export function withLive(list: readonly Entry[], came: readonly Entry[], whole: boolean): Entry[] {
  const last = list.at(-1);
  return merged(list, whole || !last ? came : came.filter((entry) => newestFirst(entry, last) < 0));
}

/** Whether the newest page reaches down to what is loaded: else something between is missing. */
export const reaches = (list: readonly Entry[], page: readonly Entry[], pageIsAll: boolean): boolean => {
  const last = page.at(-1);
  const first = list[0];
  return pageIsAll || !first || !last || newestFirst(last, first) >= 0;
};
