// The trend of a day as points. Pure.

import type { Figures } from "../wire/rest.ts";
import { activeSince } from "./today.ts";

export interface Point {
  /** Unix seconds. */
  at: number;
  cars: number;
}

const HOUR = 3600;

/** The cars at the end of each step, from when there was the first; the last step may still run. */
export function pointsOf(figures: Figures): Point[] {
  const { from, to, step, series } = figures;
  const since = activeSince(figures) ?? from;
  const points = series.occupied.map((cars, index) => ({ at: Math.min(to, from + step * (index + 1)), cars }));
  return points.filter(({ at }) => at >= since);
}

export interface Summary {
  now: Point;
  most: Point;
  least: Point;
}

export function summaryOf(points: readonly Point[]): Summary | null {
  const now = points.at(-1);
  if (!now) return null;
  const most = points.reduce((best, point) => (point.cars > best.cars ? point : best));
  const least = points.reduce((best, point) => (point.cars < best.cars ? point : best));
  return { now, most, least };
}

/** The points that a table of the day lists: those at whole hours, and the newest. */
export const tablePoints = (points: readonly Point[]): Point[] =>
  points.filter((point, index) => point.at % HOUR === 0 || index === points.length - 1);
