import { describe, expect, it } from "vitest";
import type { Figures } from "../wire/rest.ts";
import { pointsOf, summaryOf, tablePoints } from "./occupancy.ts";
import { activeSince, startOfDay, stepFor } from "./today.ts";

const FROM = 1_769_792_400; // midnight in Ho Chi Minh City
const given = {
  from: FROM,
  to: FROM + 5_000,
  step: 1_800,
  series: { entries: [4, 5, 0], occupied: [4, 9, 2] },
} as unknown as Figures;

describe("the trend", () => {
  it("has a point at the end of each step, the last one at the latest now", () => {
    expect(pointsOf(given)).toEqual([
      { at: FROM + 1_800, cars: 4 },
      { at: FROM + 3_600, cars: 9 },
      { at: FROM + 5_000, cars: 2 },
    ]);
  });

  it("begins with the first car", () => {
    const late = { ...given, series: { ...given.series, entries: [0, 0, 2], occupied: [0, 0, 2] } };
    expect(activeSince(late)).toBe(FROM + 3_600);
    expect(pointsOf(late)).toEqual([
      { at: FROM + 3_600, cars: 0 },
      { at: FROM + 5_000, cars: 2 },
    ]);
    expect(activeSince({ ...given, series: { ...given.series, entries: [0], occupied: [0] } })).toBeNull();
  });

  it("is told in words and by the hour", () => {
    const points = pointsOf(given);
    expect(summaryOf(points)).toEqual({ now: points[2], most: points[1], least: points[2] });
    expect(summaryOf([])).toBeNull();
    expect(tablePoints(points)).toEqual([points[1], points[2]]);
  });

  it("begins with the day of the lot, and is finer while that is young", () => {
    expect(startOfDay(FROM + 5_000, "Asia/Ho_Chi_Minh")).toBe(FROM);
    expect(startOfDay(FROM - 1, "Asia/Ho_Chi_Minh")).toBe(FROM - 86_400);
    expect([stepFor(3_600), stepFor(30_000)]).toEqual([60, 300]);
  });
});
