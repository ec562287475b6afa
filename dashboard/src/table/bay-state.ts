import type { Session } from "../wire/messages.ts";

export const BAY_STATES = ["free", "occupied", "overstaying", "unknown"] as const;
export type BayState = (typeof BAY_STATES)[number];

export interface Rules {
  timeout_seconds: number;
  max_stay_seconds: number | null;
}

/** What is known of a bay. */
export interface Bay {
  parked: Session | null;
  lastEnded: Session | null;
  /** Whether the gateway has told all it knows. */
  complete: boolean;
}

export function bayState({ parked, lastEnded, complete }: Bay, rules: Rules, now_ms: number): BayState {
  if (parked) return parkedState(parked, rules, now_ms);
  // A car that vanished may stand there still.
  return !complete || lastEnded?.status === "TIMEOUT" ? "unknown" : "free";
}

function parkedState(parked: Session, rules: Rules, now_ms: number): BayState {
  // A parked car is seen again and again; if not, its camera is silent.
  if (now_ms > silentAfter(parked, rules)) return "unknown";
  return now_ms > overstayingAfter(parked, rules) ? "overstaying" : "occupied";
}

/** When, in unix ms, time alone makes something else of the bay; Infinity if never. */
export function changesAfter({ parked }: Bay, rules: Rules, now_ms: number): number {
  if (!parked) return Infinity;
  const moments = [silentAfter(parked, rules), overstayingAfter(parked, rules)];
  return Math.min(...moments.filter((moment) => moment >= now_ms));
}

const silentAfter = ({ last_arrival }: Session, { timeout_seconds }: Rules) => last_arrival + timeout_seconds * 1000;

const overstayingAfter = ({ start_time }: Session, { max_stay_seconds }: Rules) =>
  max_stay_seconds === null ? Infinity : (start_time + max_stay_seconds) * 1000;
