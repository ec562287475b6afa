// What of the page stands in its address. Pure.

export const VIEWS = ["map", "road", "history", "wall"] as const;
export type View = (typeof VIEWS)[number];

/** Filters of the history as they stand in the address; `from` and `to` are local times of the lot. */
export const FILTERS = ["plate", "location", "status", "from", "to"] as const;
export type Filters = Partial<Record<(typeof FILTERS)[number], string>>;

export interface Place {
  view: View;
  bay: string | null;
  filters: Filters;
  cursor: string | null;
}

export function readPlace(search: string): Place {
  const given = new URLSearchParams(search);
  const view = VIEWS.find((name) => name === given.get("view")) ?? "map";
  const filters = FILTERS.flatMap((name) => (given.get(name) ? [[name, given.get(name)]] : []));
  return { view, bay: given.get("bay"), filters: Object.fromEntries(filters), cursor: given.get("cursor") };
}

/** The query string of a place; what else stands in the address (theme, language) stays. */
export function writePlace({ view, bay, filters, cursor }: Place, search: string): string {
  const written = new URLSearchParams(search);
  const put = (name: string, value: string | null | undefined) =>
    value ? written.set(name, value) : written.delete(name);
  put("view", view === "map" ? null : view);
  put("bay", bay);
  put("cursor", cursor);
  for (const name of FILTERS) put(name, filters[name]);
  const text = written.toString();
  return text && `?${text}`;
}

const NOWHERE: Place = { view: "map", bay: null, filters: {}, cursor: null };

/** The place one comes to from elsewhere: only what is named. */
export const place = (parts: Partial<Place>): Place => ({ ...NOWHERE, ...parts });
