// Where each bay is drawn. Pure.

import type { Lot } from "../wire/rest.ts";

type Rows = Lot["rows"];

export const DENSITIES = ["normal", "compact"] as const;
export type Density = (typeof DENSITIES)[number];

/** From how many bays on a map is drawn compact unless asked otherwise. */
const COMPACT_ABOVE = 300;

/** Measure of the signs of compact bays; they are drawn larger where there is room. */
export const COMPACT_SIZE = 26;

/** Bays without a height are square. */
const CELLS = {
  normal: { least: 90, most: 150, height: 60, gap: 6, between: 10 },
  compact: { least: COMPACT_SIZE, most: 32, height: null, gap: 4, between: 8 },
};
const LETTER = 8.5;
const GUTTER = { least: 26, most: 104, space: 12 };

export interface Line {
  index: number;
  row: string;
  /** Set on the first line of a row only. */
  heading: string | null;
  bays: string[];
  y: number;
}

export interface Spot {
  line: number;
  column: number;
}

export interface Layout {
  density: Density;
  lines: Line[];
  spots: Map<string, Spot>;
  gutter: number;
  cell: { width: number; height: number; gap: number };
  height: number;
}

export const bayCount = (rows: Rows) => rows.reduce((sum, row) => sum + row.bays.length, 0);

export const densityFor = (rows: Rows): Density => (bayCount(rows) > COMPACT_ABOVE ? "compact" : "normal");

export function layOut(rows: Rows, width: number, density: Density): Layout {
  const { least, most, height, gap, between } = CELLS[density];
  const gutter = gutterFor(rows);
  const columns = evenly(rows, Math.max(1, Math.floor((width - gutter + gap) / (least + gap))));
  const across = cellWidth(width - gutter, columns, gap, least, most);
  const cell = { width: across, height: height ?? across, gap };
  const lines: Line[] = [];
  let y = 0;
  for (const { name, bays } of rows) {
    if (lines.length) y += between;
    for (let start = 0; start < bays.length; start += columns) {
      const heading = start === 0 ? name : null;
      lines.push({ index: lines.length, row: name, heading, bays: bays.slice(start, start + columns), y });
      y += cell.height + gap;
    }
  }
  return { density, lines, spots: spotsOf(lines), gutter, cell, height: Math.max(0, y - gap) };
}

/** The same, enlarged as far as it fits into a height; how much is `scale`. */
export function fit(rows: Rows, width: number, height: number, density: Density): { layout: Layout; scale: number } {
  let [low, high] = [0.2, 4];
  for (let round = 0; round < 12; round++) {
    const scale = (low + high) / 2;
    const fits = layOut(rows, width / scale, density).height * scale <= height;
    if (fits) low = scale;
    else high = scale;
  }
  return { layout: layOut(rows, width / low, density), scale: low };
}

export const columnX = ({ gutter, cell }: Layout, column: number) => gutter + column * (cell.width + cell.gap);

/** The lines that a stretch of the map shows; `last` is the one after them. */
export function linesBetween({ lines, cell }: Layout, top: number, bottom: number): { first: number; last: number } {
  return { first: firstLine(lines, top - cell.height), last: firstLine(lines, bottom) };
}

/** The first line that begins at `y` or below. */
function firstLine(lines: Line[], y: number): number {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lines[middle]!.y < y) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Columns such that the longest row breaks into lines of like lengths, not into a full one and a rest. */
function evenly(rows: Rows, room: number): number {
  const longest = Math.max(1, ...rows.map((row) => row.bays.length));
  return Math.ceil(longest / Math.ceil(longest / room));
}

function gutterFor(rows: Rows): number {
  const longest = Math.max(0, ...rows.map((row) => row.name.length));
  return Math.min(GUTTER.most, Math.max(GUTTER.least, longest * LETTER + GUTTER.space));
}

function cellWidth(width: number, columns: number, gap: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, Math.floor((width + gap) / columns - gap)));
}

function spotsOf(lines: Line[]): Map<string, Spot> {
  const spots = new Map<string, Spot>();
  for (const { index, bays } of lines) bays.forEach((bay, column) => spots.set(bay, { line: index, column }));
  return spots;
}
