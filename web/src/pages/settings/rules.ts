// Rules in words. Pure.

import type { Schemas } from "$api/client";
import { plural } from "$lib/format";

export type Balance = Schemas["Balance"];
type Rule = Schemas["Rule"];

export const WEIGHT_MAX = 1000;
export const RETRIES_MAX = 10;

export const BALANCES: readonly { value: Balance; label: string; what: string }[] = [
  {
    value: "in_order",
    label: "In order",
    what: "The first is asked; each next one when those before it fail or are left alone.",
  },
  {
    value: "weighted",
    label: "By weight",
    what: "Each is asked first for its share of the requests; when it fails, the others are tried.",
  },
  {
    value: "least_loaded",
    label: "The least loaded",
    what: "The one with the fewest requests for its weight is asked first; when it fails, the others are tried.",
  },
];

export const isBalanced = (balance: Balance): boolean => balance !== "in_order";

/** "75 % of requests" where the weight alone decides; of a weight of 0 when it is asked. */
export function shareWords(balance: Balance, weight: number, all: readonly number[]): string {
  const sum = all.reduce((total, one) => total + one, 0);
  if (!weight) return "only when all others fail";
  if (balance !== "weighted") return "";
  return sum === weight ? "all requests" : `${Math.round((weight / sum) * 1000) / 10} % of requests`;
}

/** What a rule does beyond leading somewhere: "by weight 3 : 1 · 2 retries · streams upstream"; "" is nothing. */
export function ruleBrief(rule: Pick<Rule, "balance" | "targets" | "retries_max" | "stream_upstream">): string {
  const parts: string[] = [];
  if (rule.targets.length > 1) {
    const weights = rule.targets.map((target) => target.weight ?? 1);
    const alike = weights.every((weight) => weight === weights[0]);
    if (rule.balance === "weighted") parts.push(alike ? "in equal shares" : `by weight ${weights.join(" : ")}`);
    if (rule.balance === "least_loaded")
      parts.push(alike ? "the least loaded" : `the least loaded for weights ${weights.join(" : ")}`);
  }
  if (rule.retries_max) parts.push(plural(rule.retries_max, "retry", "retries"));
  if (rule.stream_upstream) parts.push("streams upstream");
  return parts.join(" · ");
}
