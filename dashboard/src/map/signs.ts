// The signs of the states, so that colour is not all that tells them apart: each one path, holes by the even-odd rule.

import type { BayState } from "../table/bay-state.ts";

const CAR =
  "M5 11 L7 5.8 Q7.4 5 8.2 5 H15.8 Q16.6 5 17 5.8 L19 11 Q20 11.4 20 12.5 V19 H17 V17 H7 V19 H4 V12.5 Q4 11.4 5 11 Z " +
  "M7.3 10.6 L8.8 6.9 H15.2 L16.7 10.6 Z M6.2 12.9 H8.8 V14.7 H6.2 Z M15.2 12.9 H17.8 V14.7 H15.2 Z";
const P =
  "M8 5 H13 Q17 5 17 9 Q17 13 13 13 H10.4 V19 H8 Z M10.4 7.2 H12.8 Q14.6 7.2 14.6 9 Q14.6 10.8 12.8 10.8 H10.4 Z";
const EXCLAMATION = "M10.6 4 H13.4 V14 H10.6 Z M10.6 16.2 H13.4 V19 H10.6 Z";
const QUESTION =
  "M7.6 9 Q7.6 4.6 12 4.6 Q16.4 4.6 16.4 8.6 Q16.4 11.2 14.4 12.4 Q13.2 13.2 13.2 14.4 H10.7 Q10.7 11.7 12.6 10.6 " +
  "Q13.8 9.9 13.8 8.7 Q13.8 6.9 12 6.9 Q10.1 6.9 10.1 9 Z M10.6 16.4 H13.3 V19 H10.6 Z";

/** Signs on a field of 24 by 24. */
export const SIGNS: Record<BayState, string> = {
  free: P,
  occupied: CAR,
  overstaying: `${moved(CAR, 0.85, -2.6, 2.2)} ${moved(EXCLAMATION, 0.9, 9, 1)}`,
  unknown: QUESTION,
};

const FULL = "M5 0 H21 Q26 0 26 5 V21 Q26 26 21 26 H5 Q0 26 0 21 V5 Q0 0 5 0 Z";
const HOLE = "M5 1.8 H21 Q24.2 1.8 24.2 5 V21 Q24.2 24.2 21 24.2 H5 Q1.8 24.2 1.8 21 V5 Q1.8 1.8 5 1.8 Z";
const CORNERS = "M1.8 8.5 L8.5 1.8 H11.5 L1.8 11.5 Z M14.5 24.2 L24.2 14.5 V17.5 L17.5 24.2 Z";

const onCell = (state: BayState, scale: number) => moved(SIGNS[state], scale, 13 - 12 * scale, 13 - 12 * scale);

/**
 * A whole bay of 26 by 26 in one path: thousands of them have to be drawn. Occupied ones are solid with the sign cut
 * out, the others are outlines around it.
 */
export const COMPACT: Record<BayState, string> = {
  free: `${FULL} ${HOLE} ${onCell("free", 0.8)}`,
  occupied: `${FULL} ${onCell("occupied", 0.95)}`,
  overstaying: `${FULL} ${onCell("overstaying", 0.95)}`,
  unknown: `${FULL} ${HOLE} ${CORNERS} ${onCell("unknown", 0.8)}`,
};

const PLACED_MOST = 4_000;
const placedBefore = new Map<string, string>();

/**
 * A sign or a compact bay at its place. Places are not given by transforms: the browser would keep a coordinate system
 * for each of thousands of bays. Bays below each other share the path.
 */
export function placed(path: string, scale: number, dx: number, dy: number): string {
  const key = `${scale} ${dx} ${dy} ${path}`;
  let found = placedBefore.get(key);
  if (found === undefined) {
    if (placedBefore.size >= PLACED_MOST) placedBefore.clear();
    placedBefore.set(key, (found = moved(path, scale, dx, dy)));
  }
  return found;
}

/** Scales and shifts a path of absolute M, L, Q, H, V and Z. */
export function moved(path: string, scale: number, dx: number, dy: number): string {
  const rounded = (value: number) => String(Math.round(value * 100) / 100);
  const commands = path.match(/[MLQHVZ][^MLQHVZ]*/g) ?? [];
  const shifted = commands.map((command) => {
    const letter = command[0]!;
    const numbers = (command.slice(1).match(/-?[\d.]+/g) ?? []).map(Number);
    const isY = (index: number) => letter === "V" || (letter !== "H" && index % 2 === 1);
    return letter + numbers.map((value, index) => rounded(value * scale + (isY(index) ? dy : dx))).join(" ");
  });
  return shifted.join("");
}
