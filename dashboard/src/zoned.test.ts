import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toLocal, toUnix } from "./zoned.ts";

describe("local times of the lot", () => {
  it.each([
    ["2026-01-31T15:15", "Asia/Ho_Chi_Minh", 1_769_847_300],
    ["2026-01-31T08:15", "UTC", 1_769_847_300],
    ["2026-07-01T10:00", "Europe/Berlin", 1_782_892_800],
    // Clocks go forward at 02:00: this hour is not there, and counts from before.
    ["2026-03-29T02:30", "Europe/Berlin", 1_774_747_800],
    // Clocks go back at 03:00: this hour comes twice.
    ["2026-10-25T02:30", "Europe/Berlin", 1_792_888_200],
  ])("%s in %s is %i", (local, zone, unix) => expect(toUnix(local, zone)).toBe(unix));

  it("come back as they were, in any zone", () => {
    const zone = fc.constantFrom("Asia/Ho_Chi_Minh", "UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Kiritimati");
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e9 }), zone, (unix, timeZone) => {
        const local = toLocal(unix, timeZone);
        expect(toLocal(toUnix(local, timeZone)!, timeZone)).toBe(local);
      }),
    );
  });

  it.each(["", "yesterday", "2026-13-01T00:00", "2026-01-31"])("are not what %j is", (text) => {
    expect(toUnix(text, "UTC")).toBeNull();
  });
});
