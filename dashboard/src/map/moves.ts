// Moving over the map by keys. Pure.

import type { Layout, Spot } from "./layout.ts";

const PAGE_LINES = 6;

export interface Press {
  key: string;
  ctrl: boolean;
}

/** The bay a key leads to; null if the key is not one of moving. */
export function bayAfter(layout: Layout, bay: string, press: Press): string | null {
  const from = layout.spots.get(bay) ?? { line: 0, column: 0 };
  const to = spotAfter(layout, from, press);
  return to && bayAt(layout, to);
}

function spotAfter(layout: Layout, { line, column }: Spot, { key, ctrl }: Press): Spot | null {
  const end = layout.lines.length - 1;
  switch (key) {
    case "ArrowRight":
      return column + 1 < lineLength(layout, line) ? { line, column: column + 1 } : { line: line + 1, column: 0 };
    case "ArrowLeft":
      return column > 0 ? { line, column: column - 1 } : { line: line - 1, column: Infinity };
    case "ArrowDown":
      return { line: Math.min(end, line + 1), column };
    case "ArrowUp":
      return { line: Math.max(0, line - 1), column };
    case "PageDown":
      return { line: Math.min(end, line + PAGE_LINES), column };
    case "PageUp":
      return { line: Math.max(0, line - PAGE_LINES), column };
    case "Home":
      return { line: ctrl ? 0 : line, column: 0 };
    case "End":
      return { line: ctrl ? end : line, column: Infinity };
    default:
      return null;
  }
}

/** The bay at a spot, or the last of a line that is shorter; null outside of the map. */
function bayAt({ lines }: Layout, { line, column }: Spot): string | null {
  return lines[line]?.bays[Math.min(column, lines[line].bays.length - 1)] ?? null;
}

const lineLength = ({ lines }: Layout, line: number) => lines[line]?.bays.length ?? 0;
