// Short notices: seen in a corner and read out. What only screen readers need is announced.
//
// Whoever calls these inside an effect does not come to depend on them: an effect that speaks is not run again
// because something was said.

import { untrack } from "svelte";

export type Tone = "neutral" | "good" | "warn" | "bad";

export interface Notice {
  id: number;
  text: string;
  tone: Tone;
  action?: { label: string; run: () => void };
}

class Notices {
  list = $state.raw<Notice[]>([]);
  polite = $state("");
  #next = 1;

  /** Goes after a while, but never while it offers something to do. */
  toast = (
    text: string,
    { tone = "good" as Tone, action }: Pick<Partial<Notice>, "tone" | "action"> = {},
  ): void => {
    const notice: Notice = { id: this.#next++, text, tone, ...(action ? { action } : {}) };
    this.list = [...untrack(() => this.list).slice(-2), notice];
    this.announce(text);
    if (!action) setTimeout(() => this.dismiss(notice.id), 6000);
  };

  dismiss = (id: number): void => {
    this.list = untrack(() => this.list).filter((notice) => notice.id !== id);
  };

  announce = (text: string): void => {
    // The same words again are read out again only if they differ.
    this.polite = untrack(() => this.polite) === text ? `${text}\u00a0` : text;
  };
}

export const notices = new Notices();
export const { toast, announce } = notices;
