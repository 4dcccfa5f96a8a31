// A layer in front in words.

import type { Schemas } from "$api/client";
import { formatSeconds } from "$lib/duration";

export type Front = Schemas["FrontLayer"];
export type Kind = Schemas["Fronts"]["kinds"][number];

export const kindOf = (front: Pick<Front, "kind"> | undefined, kinds: readonly Kind[]): Kind | undefined =>
  kinds.find((one) => one.kind === front?.kind);

export const titleOf = (front: Front | undefined, kinds: readonly Kind[]): string =>
  front?.name ?? kindOf(front, kinds)?.title ?? front?.kind ?? "";

function one(said: number | null | undefined, usual: number | null | undefined, what: string): string[] {
  if (said === 0) return [`no limit ${what}`];
  if (said) return [`${formatSeconds(said)} ${what}`];
  return usual ? [`${formatSeconds(usual)} ${what}, as usual there`] : [];
}

/** "nginx: 60 s between two bytes, as usual there" */
export function limitsText(front: Front, kinds: readonly Kind[]): string {
  const kind = kindOf(front, kinds);
  const parts = [
    ...one(front.idle_seconds, kind?.idle_seconds, "between two bytes"),
    ...one(front.total_seconds, kind?.total_seconds, "for the whole request"),
  ];
  const text = parts.join(" · ") || "no limit is known";
  return kind && front.name && front.name !== kind.title ? `${kind.title}: ${text}` : text;
}

/** "as usual: 60 s", "as usual: none" */
export const usualText = (seconds: number | null | undefined): string =>
  `Empty: as usual there, ${seconds ? formatSeconds(seconds) : "none"}`;
