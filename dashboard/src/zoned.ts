// Local times of the lot, as a datetime-local field has them ("2026-01-31T08:15"), and unix seconds. Pure.

/** The local time at that moment. */
export function toLocal(unix: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  }).formatToParts(unix * 1000);
  const part = (type: string) => parts.find((one) => one.type === type)!.value;
  return `${part("year").padStart(4, "0")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}`;
}

/**
 * The moment of a local time; null if it is none. An hour that a clock change skips counts from before the change, of
 * one that comes twice it is the first.
 */
export function toUnix(local: string, timeZone: string): number | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(local)) return null;
  const asUtc = Date.parse(`${local.slice(0, 16)}Z`) / 1000;
  if (Number.isNaN(asUtc)) return null;
  const offsets = [asUtc - 86_400, asUtc + 86_400].map((moment) => offsetAt(moment, timeZone));
  const moments = offsets.map((offset) => asUtc - offset);
  const wanted = local.slice(0, 16);
  return moments.find((moment) => toLocal(moment, timeZone) === wanted) ?? moments[0]!;
}

/** Seconds by which the zone is ahead of UTC. */
function offsetAt(unix: number, timeZone: string): number {
  return Date.parse(`${toLocal(unix, timeZone)}Z`) / 1000 - Math.floor(unix / 60) * 60;
}
