// Values that are wanted and not saved yet, on this page: which limits can have one, and the rows with them.

import { session } from "$api/session.svelte";
import { formatSeconds } from "$lib/duration";
import { positionOf } from "$ui/scale";
import type { Store } from "../settings/store.svelte";
import { LEAST, MOST, type Row } from "./chain";

type Limit = NonNullable<ReturnType<Store["limits"]["get"]>>;

export interface Staging {
  /** The setting behind a row; undefined: it is not changed here, or not by this user. */
  of: (row: Row) => Limit | undefined;
  /** Seconds; 0: none. Nothing is saved by it. */
  stage: (row: Row, seconds: number) => void;
  problem: (row: Row) => string;
  setProblem: (row: Row, text: string) => void;
}

/** The row as it would be with `seconds`; 0: none. Pure. */
export const withStaged = (row: Row, seconds: number): Row => ({
  ...row,
  was: row.seconds,
  seconds: seconds === 0 ? null : seconds,
  limit: seconds === 0 ? "none" : formatSeconds(seconds),
  end: seconds === 0 ? 1 : positionOf(seconds, LEAST, MOST),
});

export const stagedRows = (rows: readonly Row[], store: Store): Row[] =>
  rows.map((row) => {
    if (row.setting === undefined || !store.limits.has(row.setting)) return row;
    const wanted = withStaged(row, store.timeouts.value<number>(row.setting));
    // What has just been saved is ahead of the chain that is being read.
    return store.timeouts.changed(row.setting) ? wanted : { ...wanted, was: undefined };
  });

export const stagingIn = (store: Store): Staging => ({
  of(row) {
    const limit = row.setting === undefined ? undefined : store.limits.get(row.setting);
    return limit && !limit.pinned && session.administrator ? limit : undefined;
  },
  stage: (row, seconds) => row.setting !== undefined && store.timeouts.set(row.setting, seconds),
  problem: (row) => (row.setting === undefined ? "" : store.timeouts.problem(row.setting)),
  setProblem: (row, text) => row.setting !== undefined && store.timeouts.setProblem(row.setting, text),
});
