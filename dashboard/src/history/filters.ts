// The filters of the history, as the address has them and as the gateway wants them. Pure.

import type { Filters } from "../state/url.ts";
import type { HistoryFilter } from "../wire/rest.ts";
import { toUnix } from "../zoned.ts";

const STATUSES = ["CLOSED", "TIMEOUT"] as const;

export function toQuery({ plate, location, status, from, to }: Filters, timeZone: string): HistoryFilter {
  return {
    plate: plate?.trim() || undefined,
    location: location?.trim() || undefined,
    status: STATUSES.find((known) => known === status),
    from: moment(from, timeZone),
    to: moment(to, timeZone),
  };
}

const moment = (local: string | undefined, timeZone: string) =>
  local === undefined ? undefined : (toUnix(local, timeZone) ?? undefined);

/** Only what is filled in. */
export function filled(filters: Filters): Filters {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value.trim() !== ""));
}
