// Numbers and times, the same everywhere.

const counts = new Intl.NumberFormat("en");
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

export const formatCount = (value: number): string => counts.format(value);
export const formatCompact = (value: number): string =>
  Math.abs(value) < 10000 ? counts.format(value) : compact.format(value);

/** 0.987 -> "98.7 %". Never "100 %" for less than all, never "0 %" for more than none. */
export function formatShare(share: number): string {
  if (!Number.isFinite(share)) return "–";
  const percent = share * 100;
  if (percent > 99.9 && percent < 100) return "> 99.9 %";
  if (percent > 0 && percent < 0.1) return "< 0.1 %";
  return `${Number(percent.toFixed(1))} %`;
}

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** 68719476736 -> "64 GiB". */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    ++unit;
  }
  return `${Number(value.toFixed(value < 10 ? 2 : 1))} ${BYTE_UNITS[unit]}`;
}

/** "64 GiB", "500MB", "1.5g": bytes. K, M, G, T are of 1024 each; with a B alone (MB) of 1000. null: none. */
export function parseBytes(text: string): number | null {
  const part = /^(\d+(?:\.\d+)?)\s*(?:([kmgtp])(i?b)?|b)?$/i.exec(text.trim());
  if (!part) return null;
  const power = part[2] ? "kmgtp".indexOf(part[2].toLowerCase()) + 1 : 0;
  const base = part[3]?.toLowerCase() === "b" ? 1000 : 1024;
  return Math.round(Number(part[1]) * base ** power);
}

const two = (value: number) => String(value).padStart(2, "0");

/** "12:04:31.204", local time. */
export function formatTime(date: Date | string, milliseconds = true): string {
  const at = new Date(date);
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return milliseconds ? `${time}.${String(at.getMilliseconds()).padStart(3, "0")}` : time;
}

/** "2026-01-31", local time. */
export function formatDate(date: Date | string): string {
  const at = new Date(date);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** "2026-01-31 12:04:31", local time. */
export const formatDateTime = (date: Date | string): string => `${formatDate(date)} ${formatTime(date, false)}`;

/** "just now", "20 s ago", "5 min ago", "3 h ago", "2 d ago"; the date after a month. */
export function formatAgo(date: Date | string, now: Date | number = Date.now()): string {
  const seconds = (Number(now) - new Date(date).getTime()) / 1000;
  if (seconds < 0) return formatIn(-seconds);
  if (seconds < 5) return "just now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h ago`;
  if (seconds < 31 * 86400) return `${Math.floor(seconds / 86400)} d ago`;
  return formatDate(date);
}

function formatIn(seconds: number): string {
  if (seconds < 90) return `in ${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `in ${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `in ${Math.round(seconds / 3600)} h`;
  return `in ${Math.round(seconds / 86400)} d`;
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;
