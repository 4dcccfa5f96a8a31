// Finding things by a few words that somebody types. Pure.

export interface Searchable {
  label: string;
  /** Other words by which it is known. */
  words?: string;
}

/** 0: a word is missing; more: the better. At the beginning of the name, of a word in it, inside it, elsewhere. */
export function rankOf({ label, words = "" }: Searchable, typed: string): number {
  const name = label.toLowerCase();
  const others = words.toLowerCase();
  let rank = 0;
  for (const word of typed.toLowerCase().split(/\s+/).filter(Boolean)) {
    if (name.startsWith(word)) rank += 8;
    else if (name.includes(` ${word}`)) rank += 4;
    else if (name.includes(word)) rank += 2;
    else if (others.includes(word)) rank += 1;
    else return 0;
  }
  return rank;
}

/** Those that fit, the best first; those that fit alike stay in their order. */
export function search<T extends Searchable>(all: readonly T[], typed: string): T[] {
  return all
    .map((one) => ({ one, rank: rankOf(one, typed) }))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank)
    .map(({ one }) => one);
}
