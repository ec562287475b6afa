import { expect, it } from "vitest";
import { session } from "../testing/sessions.ts";
import { findOpen } from "./find.ts";

const open = ["51A-123.45", "29B-451.23", "30A-999.99"].map((license_plate) => session({ license_plate }));
const plates = (typed: string) => findOpen(open, typed, 2).map(({ license_plate }) => license_plate);

it("finds parts of plates, the early ones first", () => {
  expect(plates("451")).toEqual(["29B-451.23"]);
  expect(plates("a1 23")).toEqual(["51A-123.45"]);
  expect(plates("23")).toEqual(["51A-123.45", "29B-451.23"]);
  expect(plates("-.")).toEqual([]);
});
