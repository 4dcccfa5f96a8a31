import { describe, expect, it } from "vitest";
import { formatSeconds, parseDuration, speakSeconds } from "./duration";
import { formatAgo, formatBytes, formatCompact, formatShare, parseBytes, plural } from "./format";

describe("durations", () => {
  it.each([
    [0, "0 s"],
    [0.0042, "4.2 ms"],
    [0.412, "412 ms"],
    [3.81, "3.81 s"],
    [24.64, "24.6 s"],
    [60, "1 min"],
    [90, "1 min 30 s"],
    [900, "15 min"],
    [5400, "1 h 30 min"],
    [7200, "2 h"],
    [86400, "24 h"],
    [172800, "2 d"],
    [-1, "–"],
    [NaN, "–"],
  ])("%s is read as %s", (seconds, text) => expect(formatSeconds(seconds)).toBe(text));

  it.each([
    ["15m", 900],
    ["15 min", 900],
    ["1h30m", 5400],
    ["1 h 30 min", 5400],
    ["1.5h", 5400],
    ["90", 90],
    [" 90 s ", 90],
    ["412ms", 0.412],
    ["1:30", 90],
    ["1:00:00", 3600],
    ["2 hours, 5 minutes", 7500],
    ["", null],
    ["soon", null],
    ["15x", null],
    ["-5", null],
    ["15m later", null],
  ])("%s is typed for %s", (text, seconds) => expect(parseDuration(text)).toBe(seconds));

  it("reads back what it writes", () => {
    for (const seconds of [0.412, 1, 59, 60, 61, 90, 900, 3600, 5400, 7200])
      expect(parseDuration(formatSeconds(seconds))).toBe(seconds);
  });

  it("speaks whole words", () => {
    expect(speakSeconds(900)).toBe("15 minutes");
    expect(speakSeconds(3660)).toBe("1 hour 1 minute");
  });
});

describe("numbers", () => {
  it("never rounds to all or nothing", () => {
    expect(formatShare(0.99999)).toBe("> 99.9 %");
    expect(formatShare(0.00001)).toBe("< 0.1 %");
    expect(formatShare(1)).toBe("100 %");
    expect(formatShare(0.987)).toBe("98.7 %");
  });
  it("counts", () => {
    expect(formatCompact(2281)).toBe("2,281");
    expect(formatCompact(1234567)).toBe("1.2M");
    expect(plural(1, "change")).toBe("1 change");
    expect(plural(2, "change")).toBe("2 changes");
  });
  it("knows bytes", () => {
    expect(formatBytes(68719476736)).toBe("64 GiB");
    expect(parseBytes("64 GiB")).toBe(68719476736);
    expect(parseBytes("500MB")).toBe(500_000_000);
    expect(parseBytes("1.5g")).toBe(1610612736);
    expect(parseBytes("much")).toBeNull();
  });
});

describe("times", () => {
  const now = new Date("2026-01-31T12:00:00Z");
  it.each([
    ["2026-01-31T11:59:58Z", "just now"],
    ["2026-01-31T11:59:40Z", "20 s ago"],
    ["2026-01-31T11:00:00Z", "1 h ago"],
    ["2026-01-28T12:00:00Z", "3 d ago"],
    ["2026-01-31T12:00:30Z", "in 30 s"],
  ])("%s is %s", (date, text) => expect(formatAgo(date, now)).toBe(text));
});
