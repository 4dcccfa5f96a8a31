// The conversation in the tab's own storage: it outlives a reload, not the tab, and never leaves the browser.

import { ended } from "./answer";
import type { Turn } from "./messages";

export const KEY = "chat";
const CHARACTERS_MAX = 2_000_000;
const ROWS_MAX = 50;

export interface Kept {
  /** Whose it is: nobody else's page shows it. */
  user: string;
  model: string;
  source: string;
  draft: string;
  turns: Turn[];
}

const withoutPictures = (turn: Turn): Turn => ({
  ...turn,
  question: { ...turn.question, pictures: [], lost: turn.question.lost + turn.question.pictures.length },
});

const fewerRows = (turn: Turn): Turn => ({
  ...turn,
  answer: {
    ...turn.answer,
    rounds: turn.answer.rounds.map((round) => ({
      ...round,
      queries: round.queries.map((query) => ({ ...query, rows: query.rows.slice(0, ROWS_MAX) })),
    })),
  },
});

/** As text that fits: first without the pictures, then without the oldest turns. */
export function written(kept: Kept, characters_max = CHARACTERS_MAX): string {
  let turns = kept.turns.map(fewerRows);
  let text = JSON.stringify({ ...kept, turns });
  if (text.length > characters_max) {
    turns = turns.map(withoutPictures);
    text = JSON.stringify({ ...kept, turns });
  }
  while (text.length > characters_max && turns.length) {
    turns = turns.slice(1);
    text = JSON.stringify({ ...kept, turns });
  }
  return text;
}

/** undefined: there is none of this user's, or it cannot be read. What was on its way has ended with the page. */
export function read(text: string | null, user: string): Kept | undefined {
  if (!text) return undefined;
  try {
    const kept = JSON.parse(text) as Kept;
    if (kept.user !== user || !Array.isArray(kept.turns)) return undefined;
    for (const { answer } of kept.turns) {
      if (answer.state !== "running") continue;
      const { elapsedMs } = answer;
      ended(answer, "reloaded", answer.askedAt + elapsedMs);
    }
    return kept;
  } catch {
    return undefined;
  }
}

export function store(kept: Kept): void {
  try {
    sessionStorage.setItem(KEY, written(kept));
  } catch {
    // Full, or not allowed: it lives as long as the page.
  }
}

export function stored(user: string): Kept | undefined {
  try {
    return read(sessionStorage.getItem(KEY), user);
  } catch {
    return undefined;
  }
}
