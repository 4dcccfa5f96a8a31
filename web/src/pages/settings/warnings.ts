// Which findings of a preview are worth a word before saving. Pure.

import type { Schemas } from "$api/client";

type Finding = Schemas["TimeoutPreview"]["findings"][number];

/** What the change brings, the worst first; then what stays broken. Notes only where they are new. */
export function worthSaying(findings: readonly Finding[]): Finding[] {
  const weight = { broken: 0, warning: 1, note: 2 };
  return findings
    .filter((one) => one.is_new || one.severity === "broken")
    .toSorted((a, b) => Number(b.is_new) - Number(a.is_new) || weight[a.severity] - weight[b.severity]);
}
