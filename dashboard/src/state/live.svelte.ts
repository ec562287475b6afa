// What the page shows of the lot, kept up to date from the messages: changes are taken in once for each frame, and only
// what changed is told to who shows it.

import { BAY_STATES, bayState, changesAfter, type BayState } from "../table/bay-state.ts";
import { addRows, emptyFeed, entryRow, exitRow, latestStarts, pause, resume, type FeedRow } from "../table/feed.ts";
import { apply, emptyTable, parkedAt, type Change } from "../table/table.ts";
import type { Message, Pulse, Session, Statistics } from "../wire/messages.ts";
import type { Lot } from "../wire/rest.ts";
import { clock } from "./clock.svelte.ts";
import { Deadlines } from "./deadlines.ts";
import type { Connection } from "./freshness.ts";
import { paced, perFrame } from "./pace.ts";

const HIDDEN_MS = 1000;
/** What is read, not just seen, need not change more often. */
const READ_MS = 400;
const STARTS_IN_FEED = 50;

export interface BayView {
  state: BayState;
  /** Of the parked car; its newer updates come with `BayCell.session` only. */
  session: Session | null;
}

const nothingCounted = (): Record<BayState, number> => ({ free: 0, occupied: 0, overstaying: 0, unknown: 0 });

/** The signals of one bay. */
export class BayCell {
  /** Changes when the bay looks different. */
  view: BayView;
  /** Changes with each update of the parked car. */
  session: Session | null;

  constructor(view: BayView) {
    this.view = $state.raw(view);
    this.session = $state.raw(view.session);
  }
}

class Live {
  lot = $state.raw<Lot | null>(null);
  /** Whether the gateway did not say what the lot is. */
  lotMissing = $state.raw(false);
  connection = $state.raw<Connection>("connecting");
  statistics = $state.raw<Statistics | null>(null);
  pulse = $state.raw<Pulse | null>(null);
  /** Unix ms of the last pulse, on the gateway's clock. */
  heard = $state.raw<number | null>(null);
  counts = $state.raw(nothingCounted());
  openSessions = $state.raw(0);
  feed = $state.raw(emptyFeed);
  /** Grows when a car came or left, or a whole snapshot was taken in. */
  traffic = $state.raw(0);
  /** Whether a first page of a snapshot is shown. */
  shown = $state.raw(false);

  /** Told of each car that leaves while one looks on. */
  onExit: (session: Session) => void = () => {};
  /** Told when a whole snapshot is taken in. */
  onSnapshot: () => void = () => {};

  #table = emptyTable();
  #cells = new Map<string, BayCell>();
  #states = new Map<string, BayState>();
  #tally = nothingCounted();
  #deadlines = new Deadlines();
  /** Whether the gateway of this connection still reads its table; null until it has said so or not. */
  #rebuilding: boolean | null = null;
  #messages: Message[] = [];
  #changed = new Set<string>();
  #rows: FeedRow[] = [];
  #flush = perFrame(() => this.#takeAll(), HIDDEN_MS);
  #showRows = paced(() => this.addToFeed(this.#rows.splice(0)), READ_MS);
  #showCounts = paced(() => this.#publishCounts(), READ_MS);

  open(lot: Lot): void {
    for (const bay of lot.rows.flatMap((row) => row.bays)) this.#states.set(bay, "unknown");
    this.#tally.unknown = this.#states.size;
    this.counts = { ...this.#tally };
    this.lot = lot;
    this.#flush();
    setInterval(() => this.#flush(), 1000);
  }

  receive(message: Message): void {
    this.#messages.push(message);
    this.#flush();
  }

  cell(bay: string): BayCell {
    let cell = this.#cells.get(bay);
    if (!cell) this.#cells.set(bay, (cell = new BayCell(this.#look(bay))));
    return cell;
  }

  hasBay(bay: string): boolean {
    return this.#states.has(bay);
  }

  sessions(): Iterable<Session> {
    return this.#table.open.values();
  }

  addToFeed(rows: readonly FeedRow[]): void {
    this.feed = addRows(this.feed, rows);
  }

  togglePause(): void {
    this.feed = this.feed.held ? resume(this.feed) : pause(this.feed);
  }

  #takeAll(): void {
    if (!this.lot) return;
    for (const message of this.#messages.splice(0)) this.#take(message);
    for (const bay of this.#deadlines.take(clock.now())) this.#changed.add(bay);
    if (this.#changed.size === 0) return;
    for (const bay of this.#changed) this.#refresh(bay);
    this.#changed.clear();
    this.openSessions = this.#table.open.size;
    this.#showCounts();
  }

  #take(message: Message): void {
    if (message.kind === "connected") [this.connection, this.#rebuilding] = ["live", null];
    if (message.kind === "disconnected") this.#lose();
    if (message.kind === "statistics") this.statistics = message.statistics;
    if (message.kind === "pulse") this.#hear(message.pulse);
    this.#follow(apply(this.#table, message));
  }

  #follow({ bays, entry, exit, snapshot }: Change): void {
    for (const bay of bays) this.#changed.add(bay);
    if (entry) this.#rows.push(entryRow(entry));
    if (exit) {
      this.#rows.push(exitRow(exit));
      this.onExit(exit);
    }
    if (snapshot) this.shown = true;
    if (snapshot === "complete") this.#takeSnapshot();
    if (entry || exit) this.#showRows();
    if (entry || exit || snapshot === "complete") this.traffic++;
  }

  #takeSnapshot(): void {
    this.#lookAtAll();
    this.addToFeed(latestStarts(this.#table.open.values(), STARTS_IN_FEED));
    this.onSnapshot();
  }

  #hear(pulse: Pulse): void {
    clock.pulse(pulse.now);
    this.heard = pulse.now;
    this.pulse = pulse;
    const rebuilding = !pulse.ready && this.#rebuilding !== false;
    if (rebuilding !== (this.#rebuilding ?? false)) this.#lookAtAll();
    this.#rebuilding = rebuilding;
  }

  #lose(): void {
    this.connection = "offline";
    clock.stop();
  }

  #look(bay: string): BayView {
    const known = this.#known(bay);
    return { state: bayState(known, this.lot!, clock.now()), session: known.parked };
  }

  #known(bay: string) {
    const { lastEnded } = this.#table;
    const complete = this.#table.complete && !this.#rebuilding;
    return { parked: parkedAt(this.#table, bay), lastEnded: lastEnded.get(bay) ?? null, complete };
  }

  #publishCounts(): void {
    if (BAY_STATES.some((state) => this.counts[state] !== this.#tally[state])) this.counts = { ...this.#tally };
  }

  #lookAtAll(): void {
    for (const bay of this.#states.keys()) this.#changed.add(bay);
  }

  #refresh(bay: string): void {
    const before = this.#states.get(bay);
    if (before === undefined) return;
    const now = clock.now();
    const known = this.#known(bay);
    const state = bayState(known, this.lot!, now);
    this.#tally[before]--;
    this.#tally[state]++;
    this.#states.set(bay, state);
    this.#deadlines.add(bay, changesAfter(known, this.lot!, now));
    const cell = this.#cells.get(bay);
    if (!cell) return;
    cell.session = known.parked;
    if (cell.view.state !== state || cell.view.session?.session_id !== known.parked?.session_id) {
      cell.view = { state, session: known.parked };
    }
  }
}

export const live = new Live();
