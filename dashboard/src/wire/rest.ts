// The gateway's REST answers. Errors are values: there is always something to show.

import type { components, paths } from "./generated/rest.ts";

type Schemas = components["schemas"];

export type Lot = Schemas["Lot"];
export type History = Schemas["History"];
export type SessionDetail = Schemas["SessionDetail"];
export type Fee = Schemas["Fee"];
export type FeeStep = Schemas["FeeStep"];
export type Figures = Schemas["Figures"];
export type Road = Schemas["Road"];
export type OnTheWay = Schemas["OnTheWay"];

export type Problem = { kind: "unreachable" } | { kind: "refused"; status: number; error: string };
export type Answer<T> = { ok: true; value: T } | { ok: false; problem: Problem };

type Query<Path extends keyof paths> = paths[Path] extends { get: { parameters: { query?: infer Values } } }
  ? { [Name in keyof Values]?: Values[Name] | undefined }
  : never;

export type HistoryFilter = Query<"/api/v2/history.csv">;
export type HistoryPage = Query<"/api/v2/history">;
export type Span = Query<"/api/v2/figures">;

const BASE = "/api/v2/";
const PATIENCE_MS = 15_000;

export const getLot = () => get<Lot>("lot");
export const getHistory = (page: HistoryPage) => get<History>(`history${query({ ...page })}`);
export const getSession = (id: string) => get<SessionDetail>(`sessions/${encodeURIComponent(id)}`);
export const getFigures = (span: Span) => get<Figures>(`figures${query({ ...span })}`);
export const getRoad = () => get<Road>("road");
export const csvUrl = (filter: HistoryFilter) => `${BASE}history.csv${query({ ...filter })}`;

/** The query string of what is set; empty without any. */
export function query(values: Record<string, string | number | null | undefined>): string {
  const set = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = new URLSearchParams(set.map(([name, value]) => [name, String(value)])).toString();
  return text && `?${text}`;
}

async function get<T>(path: string): Promise<Answer<T>> {
  try {
    const response = await fetch(BASE + path, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!response.ok) return { ok: false, problem: await refusal(response) };
    return { ok: true, value: (await response.json()) as T };
  } catch {
    return { ok: false, problem: { kind: "unreachable" } };
  }
}

async function refusal(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => null);
  const said = body && typeof body === "object" && "error" in body ? body.error : null;
  return { kind: "refused", status: response.status, error: typeof said === "string" ? said : response.statusText };
}
