// The chain of the chat's three limits: each must end before the one around it, or that one ends it without a word.

import { formatSeconds } from "$lib/duration";
import type { Limits } from "./events";

type Three = Pick<Limits, "model_call_seconds" | "browser_seconds" | "request_seconds">;

/** What is wrong with the order, in words; empty: nothing. */
export function orderProblems({
  model_call_seconds: call,
  browser_seconds: browser,
  request_seconds: request,
}: Three) {
  const problems: { field: keyof Three; text: string }[] = [];
  if (call >= browser)
    problems.push({
      field: "browser_seconds",
      text: `The browser gives up after ${formatSeconds(browser)}, before a model call ends after ${formatSeconds(call)}: nobody would be told that the model was slow.`,
    });
  if (browser >= request)
    problems.push({
      field: "request_seconds",
      text: `The server ends the answer after ${formatSeconds(request)}, before the browser gives up after ${formatSeconds(browser)}: “wait longer once” would wait for nothing.`,
    });
  else if (call >= request)
    problems.push({
      field: "request_seconds",
      text: `The server ends the answer after ${formatSeconds(request)}, before a model call ends after ${formatSeconds(call)}.`,
    });
  return problems;
}
