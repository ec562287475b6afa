// Who came and who left lately, newest first. Pure.

import type { Session } from "../wire/messages.ts";

export const FEED_LENGTH = 200;

export interface FeedRow {
  kind: "entry" | "exit";
  /** Unix seconds of the coming or leaving. */
  at: number;
  session: Session;
}

export interface Feed {
  rows: readonly FeedRow[];
  /** What is shown while paused; null when running. */
  held: readonly FeedRow[] | null;
  /** Rows that came while paused. */
  missed: number;
}

export const emptyFeed: Feed = { rows: [], held: null, missed: 0 };

export const entryRow = (session: Session): FeedRow => ({ kind: "entry", at: session.start_time, session });
export const exitRow = (session: Session): FeedRow => ({ kind: "exit", at: session.end_time, session });
export const rowKey = ({ kind, session }: FeedRow) => `${kind} ${session.session_id}`;

export const shownRows = ({ rows, held }: Feed) => held ?? rows;

/** The feed with these rows too; a row that is there already is not counted again. */
export function addRows(feed: Feed, added: readonly FeedRow[]): Feed {
  const known = new Map(feed.rows.map((row) => [rowKey(row), row]));
  const before = known.size;
  for (const row of added) known.set(rowKey(row), row);
  if (known.size === before && added.every((row) => feed.rows.includes(row))) return feed;
  const rows = [...known.values()].sort(newestFirst).slice(0, FEED_LENGTH);
  return { ...feed, rows, missed: feed.held ? feed.missed + known.size - before : 0 };
}

export const pause = (feed: Feed): Feed => ({ ...feed, held: feed.rows, missed: 0 });
export const resume = (feed: Feed): Feed => ({ ...feed, held: null, missed: 0 });

/** The newest comings among the open sessions. */
export function latestStarts(open: Iterable<Session>, count: number): FeedRow[] {
  return [...open]
    .sort((a, b) => b.start_time - a.start_time)
    .slice(0, count)
    .map(entryRow);
}

function newestFirst(a: FeedRow, b: FeedRow): number {
  if (a.at !== b.at) return b.at - a.at;
  return rowKey(a) < rowKey(b) ? 1 : -1;
}
