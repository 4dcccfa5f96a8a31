/** The list with one item at another place. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const result = [...list];
  const [item] = result.splice(from, 1);
  if (item !== undefined) result.splice(to, 0, item);
  return result;
}

/** Which row a pointer at `y` is over; the first or last beyond the ends. */
export function rowAt(y: number, rows: readonly { top: number; bottom: number }[]): number {
  const index = rows.findIndex((row) => y < row.bottom);
  return index < 0 ? rows.length - 1 : index;
}
