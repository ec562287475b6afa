import { describe, expect, it } from "vitest";
import { session } from "../testing/sessions.ts";
import { addRows, emptyFeed, entryRow, exitRow, FEED_LENGTH, latestStarts, pause, resume, shownRows } from "./feed.ts";

const came = (at: number, session_id = `in ${at}`) => entryRow(session({ session_id, start_time: at }));
const gone = (at: number, session_id = `out ${at}`) =>
  exitRow(session({ session_id, start_time: 0, end_time: at, status: "CLOSED" }));
const times = (rows: readonly { at: number }[]) => rows.map(({ at }) => at);

describe("the feed", () => {
  it("has the newest first, whatever order they come in", () => {
    const feed = addRows(addRows(emptyFeed, [came(3), gone(9)]), [came(5), came(1)]);
    expect(times(feed.rows)).toEqual([9, 5, 3, 1]);
  });

  it("lists the coming and the leaving of a car, each once", () => {
    const feed = addRows(addRows(emptyFeed, [came(3, "a")]), [came(3, "a"), gone(8, "a"), gone(8, "a")]);
    expect(feed.rows.map(({ kind, at }) => [kind, at])).toEqual([
      ["exit", 8],
      ["entry", 3],
    ]);
  });

  it("takes the newer word on a leaving", () => {
    const feed = addRows(addRows(emptyFeed, [gone(8, "a")]), [gone(11, "a")]);
    expect(times(feed.rows)).toEqual([11]);
  });

  it("keeps to its length", () => {
    const many = Array.from({ length: FEED_LENGTH + 50 }, (_, index) => came(index));
    const feed = addRows(emptyFeed, many);
    expect(feed.rows).toHaveLength(FEED_LENGTH);
    expect(feed.rows[0]!.at).toBe(FEED_LENGTH + 49);
  });

  it("stands still while paused, and counts what comes", () => {
    const paused = pause(addRows(emptyFeed, [came(1)]));
    const later = addRows(addRows(paused, [came(2), came(3)]), [came(3)]);
    expect(times(shownRows(later))).toEqual([1]);
    expect(later.missed).toBe(2);
    const running = resume(later);
    expect(times(shownRows(running))).toEqual([3, 2, 1]);
    expect(running.missed).toBe(0);
  });

  it("begins with the newest starts of those that are here", () => {
    const open = [4, 9, 2].map((start_time) => session({ start_time }));
    expect(times(latestStarts(open, 2))).toEqual([9, 4]);
  });
});
