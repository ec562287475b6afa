// A gateway for tests, as simple as can be: of each session the highest version. It says what a real one may say.

import type { Message, Session } from "../wire/messages.ts";
import { session } from "./sessions.ts";

type Sent = (message: Message) => void;

export class NaiveGateway {
  readonly sessions = new Map<string, Session>();
  /** Whether the client was told a whole snapshot of this connection. */
  synced = false;

  #send: Sent;
  #connected = false;
  #now = 1_000_000;
  #version = 1;
  #snapshots = 0;
  #pages: Message[] = [];
  #told: Session[] = [];

  constructor(send: Sent) {
    this.#send = send;
  }

  /** A car comes, is seen again, leaves, vanishes, or is back after it was thought gone. */
  event(bay: string, plate: string, status: Session["status"]): void {
    const now = ++this.#now;
    const before = [...this.sessions.values()].findLast((one) => one.location === bay && one.license_plate === plate);
    const known = before?.status === "ACTIVE" || (before && this.#version % 3 === 0) ? before : null;
    const start_time = known?.start_time ?? now;
    const parts = { start_time, end_time: now, status, location: bay, license_plate: plate, version: ++this.#version };
    const id = known?.session_id ?? `${bay} ${plate} ${start_time}`;
    const update = session({ ...parts, session_id: id, last_arrival: now * 1000 + (this.#version % 7) });
    this.sessions.delete(id);
    this.sessions.set(id, update);
    this.#tell(update);
  }

  /** Repeats what was told on this connection, however old. */
  repeat(which: number): void {
    const update = this.#told[which % Math.max(1, this.#told.length)];
    if (this.#connected && update) this.#send({ kind: "update", session: update });
  }

  /** Begins a snapshot of now; one that is under way gets no further pages. */
  snapshot(pageSize: number): void {
    if (!this.#connected) return;
    const records = [...this.open(), ...this.lastEnded().values()];
    const pages = Math.max(1, Math.ceil(records.length / pageSize));
    const id = `snapshot ${++this.#snapshots}`;
    this.#pages = Array.from({ length: pages }, (_, index) => {
      const held = records.slice(index * pageSize, (index + 1) * pageSize);
      const isOpen = (one: Session) => one.status === "ACTIVE";
      const content = { sessions: held.filter(isOpen), ended: held.filter((one) => !isOpen(one)) };
      return { kind: "snapshot", page: { id, page: index + 1, pages }, content };
    });
    // The first page is of the moment; only the others may come later.
    this.page();
  }

  page(): void {
    const page = this.#pages.shift();
    if (!page) return;
    this.#send(page);
    if (this.#pages.length === 0) this.synced = true;
  }

  disconnect(): void {
    if (!this.#connected) return;
    [this.#connected, this.synced, this.#pages, this.#told] = [false, false, [], []];
    this.#send({ kind: "disconnected" });
  }

  connect(pageSize: number): void {
    if (this.#connected) return;
    this.#connected = true;
    this.#send({ kind: "connected" });
    this.snapshot(pageSize);
  }

  finish(): void {
    this.connect(3);
    if (!this.synced && this.#pages.length === 0) this.snapshot(3);
    while (this.#pages.length) this.page();
  }

  open(): Session[] {
    return [...this.sessions.values()].filter(({ status }) => status === "ACTIVE");
  }

  /** Of each bay without an open session, the one that ended there last. */
  lastEnded(): Map<string, Session> {
    const taken = new Set(this.open().map(({ location }) => location));
    const last = new Map<string, Session>();
    for (const one of this.sessions.values()) {
      if (taken.has(one.location)) continue;
      const other = last.get(one.location);
      if (!other || one.end_time > other.end_time) last.set(one.location, one);
    }
    return last;
  }

  #tell(update: Session): void {
    if (!this.#connected) return;
    this.#told.push(update);
    this.#send({ kind: "update", session: update });
  }
}
