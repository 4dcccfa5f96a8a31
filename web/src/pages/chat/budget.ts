// The clocks of an answer: which of them run, how much of each is left, and which would fire next.

import type { Answer } from "./answer";
import { queriesOf } from "./answer";
import type { Limits } from "./events";

export type ClockName = "model call" | "query" | "browser" | "server";

export interface Clock {
  name: ClockName;
  /** Milliseconds, of the page's clock. */
  startedAt: number;
  limitSeconds: number;
}

export interface Left {
  name: ClockName;
  limitSeconds: number;
  /** Seconds; never below 0. */
  seconds: number;
  /** 0 to 1 of the limit. */
  share: number;
}

export interface Budget {
  /** Of the whole answer: the server's own clock. */
  total: Left | undefined;
  /** Which fires first. */
  next: Left | undefined;
  /** The page's own clock is in its last fifth. */
  near: boolean;
}

export const DEFAULTS: Limits = {
  model_call_seconds: 120,
  browser_seconds: 180,
  request_seconds: 300,
  rounds_max: 8,
};
const NEAR_SHARE = 0.2;

/** The clocks that run; `limits`: as they are set, until the gateway says what it goes by. */
export function clocksOf(answer: Answer, limits: Limits): Clock[] {
  if (answer.state !== "running") return [];
  const { browser_seconds, request_seconds } = answer.limits ?? limits;
  const clocks: Clock[] = [{ name: "server", startedAt: answer.beganAt, limitSeconds: request_seconds }];
  if (!answer.longer)
    clocks.push({ name: "browser", startedAt: answer.askedAt, limitSeconds: browser_seconds });
  for (const round of answer.rounds)
    if (round.calling)
      clocks.push({ name: "model call", startedAt: round.startedAt, limitSeconds: round.limitSeconds });
  for (const query of queriesOf(answer))
    if (query.outcome === "running")
      clocks.push({ name: "query", startedAt: query.startedAt, limitSeconds: query.limitSeconds });
  return clocks;
}

export function leftOf(clock: Clock, now: number): Left {
  const seconds = Math.max(0, clock.limitSeconds - Math.max(0, now - clock.startedAt) / 1000);
  const share = clock.limitSeconds > 0 ? Math.min(1, seconds / clock.limitSeconds) : 0;
  return { name: clock.name, limitSeconds: clock.limitSeconds, seconds, share };
}

/** Of two that end together the inner one: it can still say what happened. */
export function budgetOf(clocks: readonly Clock[], now: number): Budget {
  const left = clocks.map((clock) => leftOf(clock, now));
  const next = left.reduce<Left | undefined>(
    (first, one) => (first && first.seconds < one.seconds ? first : one),
    undefined,
  );
  const browser = left.find((one) => one.name === "browser");
  return {
    total: left.find((one) => one.name === "server"),
    next,
    near: browser !== undefined && browser.share <= NEAR_SHARE,
  };
}

export const toneOf = (share: number): "good" | "warn" | "bad" =>
  share < 0.1 ? "bad" : share < 0.25 ? "warn" : "good";

const TOLD_SECONDS = [60, 30, 10];

/** The moment that was passed from `before` to `after` seconds left and is said aloud; 0: none. */
export const passed = (before: number, after: number): number =>
  TOLD_SECONDS.find((at) => before > at && after <= at && after > 0) ?? 0;

/** "4:12", "0:07": seconds left, rounded up so that it ends with the clock. */
export function clockText(seconds: number): string {
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
