// How a probe's observation looks.

import type { Schemas } from "$api/client";

type Observation = Schemas["ProbeObservation"];

interface Look {
  tone: "good" | "warn" | "bad";
  icon: "check" | "warning" | "cross";
  word: string;
}

/** A cut silence harms only those who stay silent; a stream with heartbeats has to come through. */
export function toneOf({ kind, ending, in_lumps }: Observation): Look {
  const cut = ending !== "whole";
  if (!cut && !in_lumps) return { tone: "good", icon: "check", word: "held" };
  const silent = kind === "silent_answer" || kind === "silent_stream";
  if (silent) return { tone: "warn", icon: "warning", word: "cut" };
  return { tone: "bad", icon: "cross", word: cut ? "cut" : "held back" };
}
