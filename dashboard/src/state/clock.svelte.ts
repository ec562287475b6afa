// The time of the gateway, as signals that move once a second and once a minute.

import { settle } from "../wire/clock.ts";

class Clock {
  #offset = $state.raw<number | null>(null);
  #stoppedAt = $state.raw<number | null>(null);
  #second = $state.raw(Math.floor(Date.now() / 1000));
  #minute = $derived(Math.floor(this.#second / 60));

  constructor() {
    this.#tick();
  }

  /** Unix ms of the gateway. Stands still while there is no news: then nothing is known of now. */
  now = (): number => this.#stoppedAt ?? this.running();

  /** Unix ms of the gateway, also while there is no news. */
  running = (): number => Date.now() + (this.#offset ?? 0);

  /** Unix seconds; reading it subscribes to each second. */
  get second(): number {
    return this.#stoppedAt === null ? this.#second : Math.floor(this.#stoppedAt / 1000);
  }

  /** Unix seconds even while the clock is stopped. */
  get runningSecond(): number {
    return this.#second;
  }

  /** Unix seconds of the minute; reading it subscribes to each minute. */
  get minute(): number {
    return this.#stoppedAt === null ? this.#minute * 60 : Math.floor(this.#stoppedAt / 60_000) * 60;
  }

  pulse(now_ms: number): void {
    this.#offset = settle(this.#offset, now_ms - Date.now());
    this.#stoppedAt = null;
  }

  stop(): void {
    this.#stoppedAt ??= this.running();
  }

  #tick(): void {
    const now = this.running();
    this.#second = Math.floor(now / 1000);
    setTimeout(() => this.#tick(), 1000 - (now % 1000));
  }
}

export const clock = new Clock();
