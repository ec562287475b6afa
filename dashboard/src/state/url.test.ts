import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FILTERS, place, readPlace, VIEWS, writePlace } from "./url.ts";

const text = fc.string({ minLength: 1, unit: "grapheme" });
const places = fc.record({
  view: fc.constantFrom(...VIEWS),
  bay: fc.option(text),
  cursor: fc.option(text),
  filters: fc.record(Object.fromEntries(FILTERS.map((name) => [name, text])), { requiredKeys: [] }),
});

describe("a place in the address", () => {
  it("is read as it was written, and leaves the rest alone", () => {
    fc.assert(
      fc.property(places, (given) => {
        const search = writePlace(given, "?theme=dark&view=wall&plate=old&bay=Z9");
        expect(readPlace(search)).toEqual({ ...given, filters: { ...given.filters } });
        expect(new URLSearchParams(search).get("theme")).toBe("dark");
      }),
    );
  });

  it("is the map where nothing is said, or nonsense", () => {
    expect(readPlace("")).toEqual(place({}));
    expect(readPlace("?view=moon&plate=")).toEqual(place({}));
    expect(writePlace(place({}), "")).toBe("");
  });
});
