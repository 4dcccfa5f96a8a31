// Durations as people write and read them. Always with a unit, the same everywhere.

const UNITS: Record<string, number> = {
  ms: 0.001,
  msec: 0.001,
  millisecond: 0.001,
  milliseconds: 0.001,
  s: 1,
  sec: 1,
  secs: 1,
  second: 1,
  seconds: 1,
  m: 60,
  min: 60,
  mins: 60,
  minute: 60,
  minutes: 60,
  h: 3600,
  hr: 3600,
  hour: 3600,
  hours: 3600,
  d: 86400,
  day: 86400,
  days: 86400,
};

/** "15m", "1h30m", "1 h 30 min", "412 ms", "1:30" (minutes), "90" (seconds): seconds. null: not a duration. */
export function parseDuration(text: string): number | null {
  const trimmed = text.trim().toLowerCase();
  if (trimmed === "") return null;
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed);
  const clock = /^(\d+):([0-5]\d)(?::([0-5]\d))?$/.exec(trimmed);
  if (clock) {
    const [first, second, third] = clock.slice(1).map((part) => Number(part ?? NaN)) as [
      number,
      number,
      number,
    ];
    return Number.isNaN(third) ? first * 60 + second : first * 3600 + second * 60 + third;
  }
  let rest = trimmed;
  let seconds = 0;
  while (rest !== "") {
    const part = /^(\d+(?:\.\d+)?)\s*([a-z]+)[\s,]*/.exec(rest);
    const unit = UNITS[part?.[2] ?? ""];
    if (!part || unit === undefined) return null;
    seconds += Number(part[1]) * unit;
    rest = rest.slice(part[0].length);
  }
  return Math.round(seconds * 1000) / 1000;
}

const trimmedFixed = (value: number, digits: number) => String(Number(value.toFixed(digits)));

interface Words {
  ms: (n: string) => string;
  s: (n: string) => string;
  min: (n: string) => string;
  h: (n: string) => string;
  d: (n: string) => string;
}

function inWords(seconds: number, words: Words): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "–";
  if (seconds === 0) return words.s("0");
  if (seconds < 1) {
    const ms = seconds * 1000;
    return words.ms(ms < 10 ? trimmedFixed(ms, 1) : String(Math.round(ms)));
  }
  if (seconds < 60) return words.s(trimmedFixed(seconds, seconds < 10 ? 2 : 1));
  const whole = Math.round(seconds);
  const parts: string[] = [];
  const days = whole >= 48 * 3600 ? Math.floor(whole / 86400) : 0;
  const hours = Math.floor((whole - days * 86400) / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  if (days) parts.push(words.d(String(days)));
  if (hours) parts.push(words.h(String(hours)));
  if (minutes && !days) parts.push(words.min(String(minutes)));
  if (whole % 60 && !hours && !days) parts.push(words.s(String(whole % 60)));
  return parts.join(" ");
}

/** "412 ms", "3.81 s", "15 min", "1 min 30 s", "2 h". */
export const formatSeconds = (seconds: number): string =>
  inWords(seconds, {
    ms: (n) => `${n} ms`,
    s: (n) => `${n} s`,
    min: (n) => `${n} min`,
    h: (n) => `${n} h`,
    d: (n) => `${n} d`,
  });

export const formatMilliseconds = (ms: number): string => formatSeconds(ms / 1000);

const counted = (one: string) => (n: string) => `${n} ${n === "1" ? one : `${one}s`}`;

/** "15 minutes", "1 hour 30 minutes": what a screen reader says. */
export const speakSeconds = (seconds: number): string =>
  inWords(seconds, {
    ms: counted("millisecond"),
    s: counted("second"),
    min: counted("minute"),
    h: counted("hour"),
    d: counted("day"),
  });
