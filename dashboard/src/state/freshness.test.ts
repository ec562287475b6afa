import { describe, expect, it } from "vitest";
import { freshness, type Known } from "./freshness.ts";

const NOW = 1_000_000_000;
const pulse = { now: NOW, ready: true, reason: "", lag: 0, newest_arrival: NOW - 1_000 };
const well: Known = { connection: "live", pulse, openSessions: 3, timeout_seconds: 30, heard_ms: NOW };

describe("data", () => {
  it.each<[string, Partial<Known>, object]>([
    ["fresh when all is well", {}, { kind: "fresh" }],
    ["fresh while it is still to come", { connection: "connecting", pulse: null }, { kind: "fresh" }],
    ["old when nothing is heard", { connection: "offline", heard_ms: NOW - 9_500 }, { kind: "offline", seconds: 9 }],
    ["old when nothing was ever heard", { connection: "offline", heard_ms: null }, { kind: "offline", seconds: null }],
    [
      "old when the gateway says so",
      { pulse: { ...pulse, ready: false, reason: "no broker" } },
      { kind: "not-ready", reason: "no broker" },
    ],
    [
      "old when no camera sees any of the cars",
      { pulse: { ...pulse, newest_arrival: NOW - 31_000 } },
      { kind: "silent", seconds: 31 },
    ],
    [
      "fresh when there is no car to be seen",
      { openSessions: 0, pulse: { ...pulse, newest_arrival: NOW - 31_000 } },
      { kind: "fresh" },
    ],
  ])("is %s", (_, parts, wanted) => expect(freshness({ ...well, ...parts }, NOW)).toEqual(wanted));
});
