// What the gateway says over the socket, and what the connection itself adds to it.

import type { components } from "./generated/events.ts";

type Schemas = components["schemas"];

export type Session = Schemas["Session"];
export type Statistics = Schemas["Statistics"];
export type Pulse = Schemas["Pulse"];
export type SnapshotPage = Schemas["SnapshotPage"];
export type SnapshotSessions = Schemas["SnapshotSessions"];

export type Message =
  | { kind: "connected" }
  | { kind: "disconnected" }
  | { kind: "snapshot"; page: SnapshotPage; content: SnapshotSessions }
  | { kind: "update"; session: Session }
  | { kind: "statistics"; statistics: Statistics }
  | { kind: "pulse"; pulse: Pulse };
