// The gateway's table of sessions, kept from its messages. Deterministic: no I/O, no clock.
// Tables are changed in place: copying thousands of entries for each of hundreds of updates a second is not affordable.

import type { Message, Session, SnapshotPage } from "../wire/messages.ts";

/** Versions of ended sessions that are remembered, so that a late older update does not bring one back. */
const ENDED_REMEMBERED = 20_000;

interface Sessions {
  /** Open sessions by id. */
  open: Map<string, Session>;
  /** The same by bay; a misread plate makes two. */
  parked: Map<string, Session[]>;
  /** Of each bay the session that ended there last. */
  lastEnded: Map<string, Session>;
  /** Versions of ended sessions by id. */
  ended: Map<string, number>;
}

export interface Table extends Sessions {
  /** Whether a whole snapshot has come: until then nobody knows which bays are free. */
  complete: boolean;
  /** The snapshot whose pages are coming in. */
  pending: { id: string; next: number; sessions: Sessions } | null;
}

export interface Change {
  /** Bays that may look different now. */
  bays: Iterable<string>;
  entry?: Session;
  exit?: Session;
  /** A page of a snapshot came; `complete` after the last. */
  snapshot?: "page" | "complete";
}

const NOTHING: Change = { bays: [] };

const empty = (): Sessions => ({ open: new Map(), parked: new Map(), lastEnded: new Map(), ended: new Map() });

export const emptyTable = (): Table => ({ ...empty(), complete: false, pending: null });

/** Takes a message into the table and says what that changed. */
export function apply(table: Table, message: Message): Change {
  switch (message.kind) {
    case "connected":
      // A new connection may be to a gateway that starts anew; only its own word counts.
      table.ended.clear();
      table.pending = null;
      return NOTHING;
    case "disconnected":
      table.pending = null;
      return NOTHING;
    case "update":
      // What the connection has told to be over is over in the coming table as well, whatever its pages hold so far.
      if (table.pending && message.session.version > endedVersion(table, message.session)) {
        upsert(table.pending.sessions, message.session);
      }
      return update(table, message.session);
    case "snapshot":
      return takePage(table, message.page, [...message.content.sessions, ...message.content.ended]);
    default:
      return NOTHING;
  }
}

/** The open session at a bay; of several, the one heard of last. */
export function parkedAt(table: Table, bay: string): Session | null {
  const parked = table.parked.get(bay);
  return parked ? parked.reduce((newest, other) => (heardLater(other, newest) ? other : newest)) : null;
}

function update(table: Table, session: Session): Change {
  const wasOpen = table.open.has(session.session_id);
  if (!upsert(table, session)) return NOTHING;
  const bays = [session.location];
  if (session.status !== "ACTIVE") return { bays, exit: session };
  return wasOpen ? { bays } : { bays, entry: session };
}

function takePage(table: Table, { id, page, pages }: SnapshotPage, records: Session[]): Change {
  const dropped = page === 1 ? begin(table, id) : [];
  const pending = table.pending;
  if (pending?.id !== id || pending.next !== page) return NOTHING;
  pending.next++;
  for (const record of records) {
    upsert(pending.sessions, record);
    // The very first snapshot is shown as it comes.
    if (!table.complete) upsert(table, record);
  }
  if (page === pages) return replace(table, pending.sessions);
  return { bays: table.complete ? [] : [...dropped, ...records.map((record) => record.location)], snapshot: "page" };
}

/** Gives the bays of an unfinished first snapshot that this one takes the place of. */
function begin(table: Table, id: string): string[] {
  table.pending = { id, next: 1, sessions: empty() };
  if (table.complete) return [];
  const dropped = occupiedOrLeft(table);
  Object.assign(table, { ...empty(), ended: table.ended });
  return dropped;
}

function replace(table: Table, sessions: Sessions): Change {
  const bays = new Set([...occupiedOrLeft(table), ...occupiedOrLeft(sessions)]);
  for (const [id, version] of table.ended) {
    if (!sessions.open.has(id) && version > (sessions.ended.get(id) ?? -1)) sessions.ended.set(id, version);
  }
  Object.assign(table, sessions, { complete: true, pending: null });
  return { bays, snapshot: "complete" };
}

const occupiedOrLeft = ({ parked, lastEnded }: Sessions) => [...parked.keys(), ...lastEnded.keys()];

/** Takes a record in, unless it is not newer than what is known. */
function upsert(sessions: Sessions, session: Session): boolean {
  const known = sessions.open.get(session.session_id);
  if (session.version <= (known?.version ?? endedVersion(sessions, session))) return false;
  if (known) leave(sessions, known);
  if (session.status === "ACTIVE") park(sessions, session);
  else end(sessions, session);
  return true;
}

const endedVersion = ({ ended }: Sessions, { session_id }: Session) => ended.get(session_id) ?? -1;

function park({ open, parked: byBay }: Sessions, session: Session): void {
  open.set(session.session_id, session);
  const parked = byBay.get(session.location);
  if (parked) parked.push(session);
  else byBay.set(session.location, [session]);
}

function leave({ open, parked }: Sessions, { session_id, location }: Session): void {
  open.delete(session_id);
  const others = parked.get(location)!.filter((other) => other.session_id !== session_id);
  if (others.length) parked.set(location, others);
  else parked.delete(location);
}

function end({ lastEnded, ended }: Sessions, session: Session): void {
  const last = lastEnded.get(session.location);
  if (!last || last.session_id === session.session_id || endedLater(session, last)) {
    lastEnded.set(session.location, session);
  }
  ended.delete(session.session_id);
  ended.set(session.session_id, session.version);
  if (ended.size > ENDED_REMEMBERED) ended.delete(ended.keys().next().value!);
}

function heardLater(a: Session, b: Session): boolean {
  if (a.last_arrival !== b.last_arrival) return a.last_arrival > b.last_arrival;
  if (a.start_time !== b.start_time) return a.start_time > b.start_time;
  return a.session_id > b.session_id;
}

const endedLater = (a: Session, b: Session) =>
  a.end_time !== b.end_time ? a.end_time > b.end_time : a.session_id > b.session_id;
