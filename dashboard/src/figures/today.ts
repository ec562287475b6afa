// Which part of the day the trend shows, and how finely. Pure.

import type { Figures } from "../wire/rest.ts";
import { toLocal, toUnix } from "../zoned.ts";

const YOUNG_SECONDS = 2 * 3600;

/** Steps of the trend: finer while the day is young. */
export const stepFor = (seconds: number) => (seconds < YOUNG_SECONDS ? 60 : 300);

export const startOfDay = (now: number, timeZone: string) =>
  toUnix(`${toLocal(now, timeZone).slice(0, 10)}T00:00`, timeZone) ?? now;

/** When the first car was there; null if none was. Before that, there is nothing to see in the trend. */
export function activeSince({ from, step, series }: Figures): number | null {
  const first = series.occupied.findIndex((cars, index) => cars > 0 || series.entries[index]! > 0);
  return first < 0 ? null : from + first * step;
}
