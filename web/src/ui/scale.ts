// A logarithmic track with stops at round durations: what a slider moves over.

const STEPS_PER_DECADE_SECONDS = [
  1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 300, 420, 600, 720, 900, 1200, 1500, 1800, 2400, 2700,
  3600, 4500, 5400, 7200,
];

/** Round durations from min to max, both included. */
export function stopsBetween(min: number, max: number): number[] {
  return [...new Set([min, ...STEPS_PER_DECADE_SECONDS.filter((stop) => stop > min && stop < max), max])];
}

/** Where a value stands on the track, 0 to 1. */
export function positionOf(value: number, min: number, max: number): number {
  const at = Math.log(Math.min(max, Math.max(min, value)) / min) / Math.log(max / min);
  return Math.round(at * 1e6) / 1e6;
}

export const valueAt = (position: number, min: number, max: number): number => min * (max / min) ** position;

/** The stop that is nearest on the track. */
export function snapped(value: number, stops: readonly number[]): number {
  return stops.reduce((best, stop) =>
    Math.abs(Math.log(stop / value)) < Math.abs(Math.log(best / value)) ? stop : best,
  );
}

/** The next stop above (+1) or below (-1). */
export function stepped(value: number, direction: 1 | -1, stops: readonly number[]): number {
  if (direction > 0) return stops.find((stop) => stop > value) ?? stops[stops.length - 1]!;
  return stops.findLast((stop) => stop < value) ?? stops[0]!;
}
