import uPlot from "uplot";
import type { Figures } from "../wire/rest.ts";
import type { Point } from "./occupancy.ts";

/** The look of the trend, from the page's colours. */
export function chartOptions(
  style: CSSStyleDeclaration,
  timeZone: string,
  hour: (unix: number) => string,
): uPlot.Options {
  const colour = (name: string) => style.getPropertyValue(name).trim() || style.color;
  const axis = { stroke: colour("--faint"), font: "11px system-ui, sans-serif", ticks: { show: false } };
  const grid = { stroke: colour("--line"), width: 1 };
  return {
    width: 300,
    height: 120,
    padding: [8, 10, 0, 0],
    cursor: { show: false },
    legend: { show: false },
    tzDate: (unix) => uPlot.tzDate(new Date(unix * 1000), timeZone),
    scales: { x: { auto: false }, y: { auto: false } },
    series: [{}, { stroke: colour("--accent"), fill: colour("--accent-wash"), width: 2, points: { show: false } }],
    axes: [
      { ...axis, size: 22, grid: { show: false }, values: (_, splits) => splits.map(hour) },
      {
        ...axis,
        size: 40,
        grid,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000],
      },
    ],
  };
}

/** The whole stretch and all bays: an empty car park has to look empty. */
export function chartRange({ to, bays }: Figures, points: readonly Point[]) {
  const from = points[0]?.at ?? to;
  const most = Math.max(1, bays, ...points.map(({ cars }) => cars));
  return { x: { min: from, max: Math.max(to, from + 600) }, y: { min: 0, max: most } };
}
