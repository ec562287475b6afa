// Whether what is shown can be trusted. Pure.

import type { Pulse } from "../wire/messages.ts";

export type Connection = "connecting" | "live" | "offline";

export type Freshness =
  | { kind: "fresh" }
  | { kind: "offline"; seconds: number | null }
  | { kind: "not-ready"; reason: string }
  | { kind: "silent"; seconds: number };

export interface Known {
  connection: Connection;
  pulse: Pulse | null;
  openSessions: number;
  timeout_seconds: number;
  /** Unix ms at which the gateway was last heard; null if never. */
  heard_ms: number | null;
}

export function freshness(known: Known, now_ms: number): Freshness {
  const { connection, pulse, openSessions, timeout_seconds, heard_ms } = known;
  if (connection === "offline") {
    return { kind: "offline", seconds: heard_ms === null ? null : secondsSince(heard_ms, now_ms) };
  }
  if (connection === "connecting" || !pulse) return { kind: "fresh" };
  if (!pulse.ready) return { kind: "not-ready", reason: pulse.reason };
  const seconds = pulse.newest_arrival === null ? 0 : secondsSince(pulse.newest_arrival, now_ms);
  return openSessions > 0 && seconds > timeout_seconds ? { kind: "silent", seconds } : { kind: "fresh" };
}

const secondsSince = (then_ms: number, now_ms: number) => Math.max(0, Math.floor((now_ms - then_ms) / 1000));
