import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NaiveGateway } from "../testing/gateway.ts";
import { session } from "../testing/sessions.ts";
import type { Message, Session } from "../wire/messages.ts";
import { apply, emptyTable, parkedAt, type Table } from "./table.ts";

const BAYS = ["A1", "A2"];
const PLATES = ["one", "two"];

type Step = (gateway: NaiveGateway) => void;

const event = fc
  .tuple(fc.constantFrom(...BAYS), fc.constantFrom(...PLATES), fc.constantFrom("ACTIVE", "ACTIVE", "CLOSED", "TIMEOUT"))
  .map(
    ([bay, plate, status]): Step =>
      (gateway) =>
        gateway.event(bay, plate, status as Session["status"]),
  );
const pageSize = fc.integer({ min: 1, max: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: event },
  {
    weight: 6,
    arbitrary: fc.nat(50).map(
      (which): Step =>
        (gateway) =>
          gateway.repeat(which),
    ),
  },
  { weight: 3, arbitrary: fc.constant<Step>((gateway) => gateway.page()) },
  {
    weight: 1,
    arbitrary: pageSize.map(
      (size): Step =>
        (gateway) =>
          gateway.snapshot(size),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Step>((gateway) => gateway.disconnect()) },
  {
    weight: 2,
    arbitrary: pageSize.map(
      (size): Step =>
        (gateway) =>
          gateway.connect(size),
    ),
  },
);

/** What the dashboard shows of a table. */
function shown(table: Table) {
  const bays = BAYS.map((bay) => {
    const parked = parkedAt(table, bay);
    return [bay, parked, parked ? null : (table.lastEnded.get(bay) ?? null)];
  });
  return { open: new Map([...table.open].sort()), bays };
}

function wanted(gateway: NaiveGateway) {
  const heardLast = (a: Session, b: Session) =>
    a.last_arrival - b.last_arrival || a.start_time - b.start_time || (a.session_id < b.session_id ? -1 : 1);
  const bays = BAYS.map((bay) => {
    const parked =
      gateway
        .open()
        .filter(({ location }) => location === bay)
        .sort(heardLast)
        .at(-1) ?? null;
    return [bay, parked, gateway.lastEnded().get(bay) ?? null];
  });
  const open = gateway.open().map((one): [string, Session] => [one.session_id, one]);
  return { open: new Map(open.sort()), bays };
}

describe("the table", () => {
  it("is the gateway's, whatever comes in between, twice or late", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: "max" }), (steps) => {
        const table = emptyTable();
        const gateway = new NaiveGateway((message) => void apply(table, message));
        for (const each of [...steps, (one: NaiveGateway) => one.finish()]) {
          each(gateway);
          if (gateway.synced) expect(shown(table)).toEqual(wanted(gateway));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("names every bay that looks different", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
        const table = emptyTable();
        const look = () => new Map(shown(table).bays.map(([bay, ...rest]) => [bay as string, rest]));
        const gateway = new NaiveGateway((message) => {
          const before = look();
          const bays = new Set(apply(table, message).bays);
          for (const [bay, now] of look()) if (!bays.has(bay)) expect(now).toEqual(before.get(bay));
        });
        for (const each of steps) each(gateway);
        gateway.finish();
      }),
    );
  });
});

const update = (parts: Partial<Session>): Message => ({ kind: "update", session: session(parts) });
const page = (id: string, number: number, pages: number, sessions: Session[]): Message => ({
  kind: "snapshot",
  page: { id, page: number, pages },
  content: { sessions, ended: [] },
});

describe("a change", () => {
  it("says who came and who left, once", () => {
    const table = emptyTable();
    const came = update({ session_id: "a", version: 2 });
    expect(apply(table, came)).toMatchObject({ bays: ["A7"], entry: { session_id: "a" } });
    expect(apply(table, came)).toEqual({ bays: [] });
    expect(apply(table, update({ session_id: "a", version: 4 }))).toEqual({ bays: ["A7"] });
    const left = update({ session_id: "a", version: 6, status: "CLOSED" });
    expect(apply(table, left)).toMatchObject({ bays: ["A7"], exit: { session_id: "a" } });
    expect(apply(table, left)).toEqual({ bays: [] });
    expect(apply(table, came)).toEqual({ bays: [] });
  });

  it("does not call entries and exits what a snapshot brings", () => {
    const change = apply(emptyTable(), page("x", 1, 1, [session()]));
    expect(change).toMatchObject({ snapshot: "complete" });
    expect(change).not.toHaveProperty("entry");
  });
});

describe("a snapshot", () => {
  it("is shown page by page the first time, and at once later", () => {
    const table = emptyTable();
    const [a, b] = [session({ location: "A1" }), session({ location: "A2" })];
    expect(apply(table, page("x", 1, 2, [a]))).toEqual({ bays: ["A1"], snapshot: "page" });
    expect(parkedAt(table, "A1")).toEqual(a);
    expect(table.complete).toBe(false);
    apply(table, page("x", 2, 2, [b]));
    expect(table.complete).toBe(true);
    apply(table, page("y", 1, 2, []));
    expect(table.open.size).toBe(2);
    apply(table, page("y", 2, 2, [b]));
    expect([...table.open.values()]).toEqual([b]);
  });

  it("is believed though it is behind what another gateway told before", () => {
    const table = emptyTable();
    apply(table, { kind: "connected" });
    apply(table, update({ session_id: "a", version: 8, status: "CLOSED" }));
    apply(table, { kind: "disconnected" });
    apply(table, { kind: "connected" });
    apply(table, page("x", 1, 2, [session({ session_id: "a", version: 4 })]));
    apply(table, update({ session_id: "a", version: 6 }));
    apply(table, page("x", 2, 2, []));
    expect([...table.open.values()]).toMatchObject([{ session_id: "a", version: 6 }]);
  });

  it("is dropped when a page is missing", () => {
    const table = emptyTable();
    apply(table, page("x", 1, 3, [session()]));
    apply(table, page("x", 3, 3, [session({ location: "A2" })]));
    expect(table.complete).toBe(false);
  });
});
