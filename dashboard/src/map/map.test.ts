import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { densityFor, DENSITIES, fit, layOut, linesBetween } from "./layout.ts";
import { bayAfter } from "./moves.ts";
import { COMPACT, moved, SIGNS } from "./signs.ts";

const row = (name: string, count: number) => ({
  name,
  bays: Array.from({ length: count }, (_, index) => `${name}${index + 1}`),
});
const ROWS = [row("A", 10), row("B", 3), row("C", 1)];
const rows = fc
  .array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 })
  .map((counts) => counts.map((count, index) => row(`R${index}-`, count)));
const lineBays = (width: number) => layOut(ROWS, width, "normal").lines.map(({ bays }) => bays.length);

describe("the layout", () => {
  it("gives every bay one place, in order", () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 0, max: 2_000 }), fc.constantFrom(...DENSITIES), (given, width, density) => {
        const layout = layOut(given, width, density);
        expect(layout.lines.flatMap(({ bays }) => bays)).toEqual(given.flatMap(({ bays }) => bays));
        expect(layout.spots.size).toBe(given.flatMap(({ bays }) => bays).length);
        const ends = layout.lines.map(({ y }) => y + layout.cell.height);
        expect(layout.height).toBe(ends.at(-1));
      }),
    );
  });

  it("breaks rows evenly, and names each once", () => {
    expect(lineBays(1_000)).toEqual([10, 3, 1]);
    expect(lineBays(900)).toEqual([5, 5, 3, 1]);
    expect(lineBays(320)).toEqual([3, 3, 3, 1, 3, 1]);
    expect(layOut(ROWS, 900, "normal").lines.map(({ heading }) => heading)).toEqual(["A", null, "B", "C"]);
  });

  it("finds the lines that can be seen", () => {
    fc.assert(
      fc.property(
        rows,
        fc.integer({ min: -200, max: 3_000 }),
        fc.integer({ min: 1, max: 900 }),
        (given, top, height) => {
          const layout = layOut(given, 400, "normal");
          const { first, last } = linesBetween(layout, top, top + height);
          const seen = layout.lines.filter(({ y }) => y + layout.cell.height > top && y < top + height);
          expect(layout.lines.slice(first, last)).toEqual(expect.arrayContaining(seen));
          expect(last - first).toBeLessThanOrEqual(seen.length + 1);
        },
      ),
    );
  });

  it("fills a wall without leaving it", () => {
    const { layout, scale } = fit(ROWS, 1_900, 800, "normal");
    expect(layout.height * scale).toBeLessThanOrEqual(800);
    expect(scale).toBeGreaterThan(1.5);
  });

  it("is compact for many bays", () => {
    expect(densityFor([row("A", 300)])).toBe("normal");
    expect(densityFor([row("A", 300), row("B", 1)])).toBe("compact");
  });
});

describe("keys", () => {
  const layout = layOut(ROWS, 900, "normal");
  it.each([
    ["A1", "ArrowRight", "A2"],
    ["A5", "ArrowRight", "A6"],
    ["A10", "ArrowRight", "B1"],
    ["B1", "ArrowLeft", "A10"],
    ["A3", "ArrowDown", "A8"],
    ["A9", "ArrowDown", "B3"],
    ["B3", "ArrowDown", "C1"],
    ["C1", "ArrowDown", "C1"],
    ["A8", "Home", "A6"],
    ["A7", "End", "A10"],
    ["A1", "PageDown", "C1"],
    ["C1", "PageUp", "A1"],
  ])("from %s by %s to %s", (from, key, to) => expect(bayAfter(layout, from, { key, ctrl: false })).toBe(to));

  it("go to the first and the last with Ctrl", () => {
    expect(bayAfter(layout, "B2", { key: "Home", ctrl: true })).toBe("A1");
    expect(bayAfter(layout, "B2", { key: "End", ctrl: true })).toBe("C1");
  });

  it("stay on the map, and leave other keys alone", () => {
    expect(bayAfter(layout, "A1", { key: "ArrowLeft", ctrl: false })).toBeNull();
    expect(bayAfter(layout, "C1", { key: "ArrowRight", ctrl: false })).toBeNull();
    expect(bayAfter(layout, "A1", { key: "Tab", ctrl: false })).toBeNull();
  });
});

describe("signs", () => {
  it("can be scaled and shifted", () => {
    expect(moved("M1 2 H3 V4 Q5 6 7 8 Z", 2, 10, 100)).toBe("M12 104H16V108Q20 112 24 116Z");
  });

  it("are different for each state", () => {
    expect(new Set(Object.values(SIGNS)).size).toBe(4);
    expect(new Set(Object.values(COMPACT)).size).toBe(4);
  });
});
