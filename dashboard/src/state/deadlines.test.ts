import { describe, expect, it } from "vitest";
import { Deadlines } from "./deadlines.ts";

describe("deadlines", () => {
  it("come once their moment has passed, and once", () => {
    const deadlines = new Deadlines();
    deadlines.add("A1", 5_500);
    deadlines.add("A2", 9_000);
    deadlines.add("A3", Infinity);
    expect(deadlines.take(5_900)).toEqual([]);
    expect(deadlines.take(6_000)).toEqual(["A1"]);
    expect(deadlines.take(60_000)).toEqual(["A2"]);
    expect(deadlines.take(90_000)).toEqual([]);
  });

  it("can come earlier than was thought", () => {
    const deadlines = new Deadlines();
    deadlines.add("A1", 90_000);
    deadlines.add("A1", 5_000);
    deadlines.add("A1", 7_000);
    expect(deadlines.take(8_000)).toEqual(["A1"]);
  });

  it("are not lost when they have passed already", () => {
    const deadlines = new Deadlines();
    deadlines.take(50_000);
    deadlines.add("A1", 1_000);
    expect(deadlines.take(51_000)).toEqual(["A1"]);
  });
});
