import { describe, expect, it } from "vitest";
import { durationParts, formatFor, plateKey, ticking } from "./format.ts";

const plain = (text: string) => text.replace(/\s/g, " ");
const here = { timeZone: "Asia/Ho_Chi_Minh", currency: "VND" };

describe("formats", () => {
  it("write money in whole units, also of currencies with smaller ones", () => {
    expect(plain(formatFor({ ...here, language: "vi-VN" }).money(30_000))).toBe("30.000 ₫");
    expect(plain(formatFor({ ...here, language: "en-GB", currency: "EUR" }).money(1_234))).toBe("€1,234");
  });

  it("write times of the lot, not of the browser", () => {
    const { hour, time, moment } = formatFor({ ...here, language: "en-GB" });
    expect(hour(1_769_847_300)).toBe("15:15");
    expect(time(1_769_847_300)).toBe("15:15:00");
    expect(moment(1_769_847_300)).toBe("31 Jan, 15:15");
    expect(hour(1_769_878_800)).toBe("00:00");
  });

  it.each([
    [-5, "0:00"],
    [59, "0:59"],
    [754, "12:34"],
    [3_905, "1:05:05"],
    [360_000, "100:00:00"],
  ])("let %i seconds tick as %s", (seconds, text) => expect(ticking(seconds)).toBe(text));

  it.each([
    [42, { unit: "seconds", seconds: 42 }],
    [754, { unit: "minutes", minutes: 12 }],
    [3_900, { unit: "hours", hours: 1, minutes: "05" }],
    [180_000, { unit: "days", days: 2, hours: 2 }],
  ])("tell %i seconds in two parts at most", (seconds, parts) => expect(durationParts(seconds)).toEqual(parts));

  it("know a plate however it is written", () => {
    expect(plateKey(" 51a-123.45 ")).toBe(plateKey("51A12345"));
    expect(plateKey("29-LĐ 001")).toBe("29LĐ001");
  });
});
