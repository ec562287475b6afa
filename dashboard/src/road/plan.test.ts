import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { line, planOf, type Place } from "./plan.ts";

const place = fc.tuple(fc.double({ min: -80, max: 80, noNaN: true }), fc.double({ min: -170, max: 170, noNaN: true }));

describe("a plan", () => {
  it("shows every place of the road inside of it", () => {
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 20 }), (places) => {
        const plan = planOf(places);
        for (const [x, y] of places.map(plan.point)) {
          expect(x).toBeGreaterThanOrEqual(0);
          expect(x).toBeLessThanOrEqual(plan.width);
          expect(y).toBeGreaterThanOrEqual(0);
          expect(y).toBeLessThanOrEqual(plan.height);
        }
      }),
    );
  });

  it("has north above and east on the right", () => {
    const [here, there]: [Place, Place] = [
      [10, 106],
      [10.1, 106.1],
    ];
    const plan = planOf([here, there]);
    expect(plan.point(there)[0]).toBeGreaterThan(plan.point(here)[0]);
    expect(plan.point(there)[1]).toBeLessThan(plan.point(here)[1]);
  });

  it("makes a kilometre as long one way as the other", () => {
    const plan = planOf([
      [60, 10],
      [60.1, 10.2],
    ]);
    const [x, y] = plan.point([60, 10]);
    const east = plan.point([60, 10.2])[0] - x; // 0.2 degrees at 60 degrees north are as long as
    const north = y - plan.point([60.1, 10])[1]; // 0.1 degrees of latitude
    expect(east / north).toBeCloseTo(1, 2);
  });

  it("writes a line", () => {
    const road: Place[] = [
      [10, 106],
      [10.1, 106],
    ];
    expect(line(planOf(road), road)).toBe("500.0,740.0 500.0,60.0");
  });
});
