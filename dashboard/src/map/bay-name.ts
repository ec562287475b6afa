import { durationParts } from "../format.ts";
import { duration, t } from "../i18n.svelte.ts";
import type { BayView } from "../state/live.svelte.ts";

/** What a bay is called by a screen reader: "A7, occupied, 51A-123.45, 12 min". */
export function bayName(bay: string, { state, session }: BayView, now: number): string {
  const words = [bay, t(`state.${state}`)];
  if (session) words.push(session.license_plate, stay(now - session.start_time));
  return words.join(", ");
}

/** In minutes at least: seconds in a name would change it all the time. */
const stay = (seconds: number) =>
  durationParts(seconds).unit === "seconds" ? t("duration.minutes", { minutes: 0 }) : duration(seconds);
