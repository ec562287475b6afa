// The figures of today and of the last hour, asked again while cars come and go.

import { clock } from "../state/clock.svelte.ts";
import { live } from "../state/live.svelte.ts";
import { refreshed } from "../state/pace.ts";
import { getFigures, type Figures, type Problem } from "../wire/rest.ts";
import { activeSince, startOfDay, stepFor } from "./today.ts";

const LEAST_MS = 2_000;
const MOST_MS = 60_000;
const HOUR = 3600;

class FiguresKept {
  today = $state.raw<Figures | null>(null);
  hour = $state.raw<Figures | null>(null);
  problem = $state.raw<Problem | null>(null);

  refresh = refreshed(() => this.#load(), LEAST_MS, MOST_MS);

  /** When the stretch began that the trend shows. */
  #began(now: number): number {
    const day = startOfDay(now, live.lot!.time_zone);
    return Math.max(day, (this.today && activeSince(this.today)) ?? day);
  }

  async #load(): Promise<void> {
    const now = Math.floor(clock.running() / 1000);
    const from = Math.floor((now - HOUR) / 60) * 60;
    const [today, hour] = await Promise.all([
      getFigures({ step: stepFor(now - this.#began(now)) }),
      getFigures({ from, to: now, step: HOUR }),
    ]);
    if (today.ok) this.today = today.value;
    if (hour.ok) this.hour = hour.value;
    this.problem = today.ok ? (hour.ok ? null : hour.problem) : today.problem;
  }
}

export const figures = new FiguresKept();
