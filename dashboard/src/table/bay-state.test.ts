import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { session } from "../testing/sessions.ts";
import { bayState, changesAfter, type Bay } from "./bay-state.ts";

const RULES = { timeout_seconds: 30, max_stay_seconds: 600 };
const START = 1_000;
const parked = (last_arrival: number): Bay => ({
  parked: session({ start_time: START, last_arrival }),
  lastEnded: null,
  complete: true,
});
const left = (status: "CLOSED" | "TIMEOUT" | null, complete = true): Bay => ({
  parked: null,
  lastEnded: status && session({ status }),
  complete,
});

describe("the state of a bay", () => {
  it.each([
    ["free", left(null)],
    ["free", left("CLOSED")],
    ["unknown", left("TIMEOUT")],
    ["unknown", left(null, false)],
    ["unknown", left("CLOSED", false)],
  ] as const)("is %s without a car: %o", (state, bay) => {
    expect(bayState(bay, RULES, 0)).toBe(state);
  });

  it.each([
    ["occupied", 1_030_000],
    ["unknown", 1_030_001],
  ] as const)("is %s with a car seen at 1,000,000 as of %i", (state, now) => {
    expect(bayState(parked(1_000_000), RULES, now)).toBe(state);
  });

  it.each([
    ["occupied", 1_600_000],
    ["overstaying", 1_600_001],
  ] as const)("is %s as of %i with a car that came at 1,000 s", (state, now) => {
    expect(bayState(parked(now), RULES, now)).toBe(state);
  });

  it("is never overstaying where there is no longest stay", () => {
    expect(bayState(parked(9e9), { ...RULES, max_stay_seconds: null }, 9e9)).toBe("occupied");
  });

  it("holds until the moment that is foretold, and not longer", () => {
    const times = fc.integer({ min: 0, max: 2_000_000 });
    fc.assert(
      fc.property(times, times, times, (seen, now, later) => {
        const bay = parked(seen);
        const until = changesAfter(bay, RULES, now);
        if (later >= now && later <= until) expect(bayState(bay, RULES, later)).toBe(bayState(bay, RULES, now));
      }),
    );
    expect(changesAfter(parked(1_000_000), RULES, 1_000_000)).toBe(1_030_000);
    expect(changesAfter(left("TIMEOUT"), RULES, 0)).toBe(Infinity);
  });
});
