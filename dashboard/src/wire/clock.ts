// The gateway's clock, as well as it can be known from its pulses.

/** A difference above this is a clock that was set, not a slow network. */
const CLOCK_WAS_SET_MS = 10_000;
const FORGET = 0.05;

/**
 * The next estimate of gateway time minus local time. A pulse that took long makes the measured offset too small, so
 * the greatest counts; slowly it gives way, as clocks drift.
 */
export function settle(estimate: number | null, measured: number): number {
  if (estimate === null || measured > estimate || estimate - measured > CLOCK_WAS_SET_MS) return measured;
  return estimate + (measured - estimate) * FORGET;
}
