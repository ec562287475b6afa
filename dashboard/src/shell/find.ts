// Finding cars by parts of their plates. Pure.

import { plateKey } from "../format.ts";
import type { Session } from "../wire/messages.ts";

/** Open sessions whose plate holds what was typed; whole and early matches first. */
export function findOpen(open: Iterable<Session>, typed: string, most: number): Session[] {
  const wanted = plateKey(typed);
  if (!wanted) return [];
  const found: [number, Session][] = [];
  for (const session of open) {
    const at = plateKey(session.license_plate).indexOf(wanted);
    if (at >= 0) found.push([at, session]);
  }
  found.sort(([a, one], [b, other]) => a - b || (one.license_plate < other.license_plate ? -1 : 1));
  return found.slice(0, most).map(([, session]) => session);
}
