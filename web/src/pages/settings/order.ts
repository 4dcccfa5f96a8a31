/** The list with one item at another place. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const result = [...list];
  const [item] = result.splice(from, 1);
  if (item !== undefined) result.splice(to, 0, item);
  return result;
}

/**
 * Where the row at `from` belongs while a pointer at `y` drags it: where the pointer is, but only if it is still over
 * that row when it has moved there. So rows of different heights do not change places to and fro.
 */
export function placeAt(y: number, rows: readonly { top: number; bottom: number }[], from: number): number {
  const dragged = rows[from];
  if (!dragged) return from;
  const height = dragged.bottom - dragged.top;
  const under = rows.findIndex((row) => y < row.bottom);
  const to = under < 0 ? rows.length - 1 : under;
  const row = rows[to];
  if (!row || to === from) return from;
  const stays = to > from ? y >= row.bottom - height : y < row.top + height;
  return stays ? to : to > from ? Math.max(from, to - 1) : Math.min(from, to + 1);
}

/** How far to scroll for a pointer at `y` near the upper or lower end of what is in sight; 0 in between. */
export function scrollFor(y: number, top: number, bottom: number, edge = 64): number {
  if (y < top + edge) return -Math.ceil(Math.min(edge, top + edge - y) / 4);
  if (y > bottom - edge) return Math.ceil(Math.min(edge, y - bottom + edge) / 4);
  return 0;
}
