// Lines over time on a logarithmic scale. Pure; the picture is `width` by `height` pixels.

const STEPS_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  1_800_000, 3_600_000, 7_200_000, 14_400_000, 86_400_000,
];

export interface Scale {
  low: number;
  high: number;
  ticks: number[];
  /** 0 at the bottom, 1 at the top. */
  share: (value: number) => number;
}

/** Round ends around all values; at most `ticks_max` marks. */
export function logScale(values: readonly number[], ticks_max = 6): Scale {
  const positive = values.filter((value) => value > 0);
  const least = positive.length ? Math.min(...positive) : 100;
  const most = positive.length ? Math.max(...positive) : 1000;
  const low = STEPS_MS.filter((step) => step <= least).at(-1) ?? 1;
  let high = STEPS_MS.find((step) => step >= most) ?? most;
  if (high <= low) high = low * 10;
  const inside = STEPS_MS.filter((step) => step >= low && step <= high);
  const every = Math.ceil(inside.length / ticks_max);
  const span = Math.log(high / low);
  const share = (value: number) => Math.min(1, Math.max(0, Math.log(Math.max(value, low) / low) / span));
  return { low, high, ticks: inside.filter((_, index) => index % every === 0), share };
}

/** A path that breaks where nothing was measured; a point alone is a short line. */
export function linePath(shares: readonly (number | null)[], width: number, height: number): string {
  const step = shares.length > 1 ? width / (shares.length - 1) : width;
  const at = (index: number, share: number) =>
    `${(index * step).toFixed(1)} ${((1 - share) * height).toFixed(1)}`;
  const parts: string[] = [];
  shares.forEach((share, index) => {
    if (share === null) return;
    const begins = index === 0 || shares[index - 1] === null;
    const ends = index === shares.length - 1 || shares[index + 1] === null;
    parts.push(`${begins ? "M" : "L"}${at(index, share)}`);
    if (begins && ends) parts.push("h1.5");
  });
  return parts.join("");
}

/** From 0 to the largest, as small as it may be. */
export function sparkPath(series: readonly (number | null)[], width: number, height: number): string {
  const most = Math.max(0, ...series.map((value) => value ?? 0));
  return linePath(
    series.map((value) => (value === null ? null : most ? (value / most) * 0.92 + 0.04 : 0.04)),
    width,
    height,
  );
}
