// Where places of the road are on a drawing: north is up, and a kilometre is as long one way as the other. Pure.

export type Place = readonly [latitude: number, longitude: number];

export interface Plan {
  /** Size of the drawing; its width is always the same. */
  width: number;
  height: number;
  /** Point of a place on it. */
  point: (place: Place) => readonly [x: number, y: number];
}

const WIDTH = 1000;
/** A road that runs north or south would be higher than a screen, one that runs east or west but a line. */
const LEAST_HEIGHT = 420;
const MOST_HEIGHT = 800;
const MARGIN = 60;

/** A drawing that shows all these places; there has to be one. */
export function planOf(places: readonly Place[]): Plan {
  const north = extent(places.map(([latitude]) => latitude));
  const east = extent(places.map(([, longitude]) => longitude));
  // A degree of longitude is shorter the farther it is from the equator.
  const shorter = Math.cos((north.middle * Math.PI) / 180);
  const across = Math.max(east.size * shorter, 1e-9);
  const along = Math.max(north.size, 1e-9);
  const room = { x: WIDTH - 2 * MARGIN, y: MOST_HEIGHT - 2 * MARGIN };
  const scale = Math.min(room.x / across, room.y / along);
  const height = Math.min(MOST_HEIGHT, Math.max(LEAST_HEIGHT, along * scale + 2 * MARGIN));
  return {
    width: WIDTH,
    height,
    point: ([latitude, longitude]) => [
      WIDTH / 2 + (longitude - east.middle) * shorter * scale,
      height / 2 - (latitude - north.middle) * scale,
    ],
  };
}

/** The road as the points of a line of SVG. */
export const line = (plan: Plan, places: readonly Place[]) =>
  places
    .map((place) =>
      plan
        .point(place)
        .map((part) => part.toFixed(1))
        .join(","),
    )
    .join(" ");

function extent(values: readonly number[]): { middle: number; size: number } {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return { middle: (least + most) / 2, size: most - least };
}
