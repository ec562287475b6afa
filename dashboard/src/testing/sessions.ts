// Sessions for tests: only what a test is about is named.

import type { Session } from "../wire/messages.ts";

let made = 0;

export function session(parts: Partial<Session> = {}): Session {
  const start_time = parts.start_time ?? 1_769_847_300;
  const end_time = parts.end_time ?? start_time;
  return {
    license_plate: "51A-123.45",
    location: "A7",
    start_time,
    end_time,
    duration: end_time - start_time,
    cost: 0,
    status: "ACTIVE",
    last_updated: end_time,
    session_id: `s${++made}`,
    lot: "central",
    version: 2,
    currency: "VND",
    partition: 0,
    last_arrival: end_time * 1000,
    ...parts,
  };
}
