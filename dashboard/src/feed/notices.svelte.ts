// Short notices of cars that just left.

import { paced } from "../state/pace.ts";
import { remember, remembered } from "../state/preferences.ts";
import type { Session } from "../wire/messages.ts";

const ON_SCREEN = 3;
const SHOWN_MS = 8_000;
/** Where many leave at once, nobody reads them faster. */
const REST_MS = 1_000;

class Notices {
  on = $state.raw(remembered("notices") !== "off");
  shown = $state.raw<readonly Session[]>([]);

  #coming: readonly Session[] = [];
  #showSoon = paced(() => this.#show(), REST_MS);

  switch(): void {
    this.on = !this.on;
    remember("notices", this.on ? null : "off");
    if (!this.on) [this.shown, this.#coming] = [[], []];
  }

  add(session: Session): void {
    if (!this.on || document.hidden) return;
    this.#coming = [...this.#coming, session].slice(-ON_SCREEN);
    this.#showSoon();
  }

  #show(): void {
    const coming = this.#coming;
    this.#coming = [];
    const others = this.shown.filter((shown) => coming.every(({ session_id }) => session_id !== shown.session_id));
    this.shown = [...others, ...coming].slice(-ON_SCREEN);
    setTimeout(() => coming.forEach(({ session_id }) => this.dismiss(session_id)), SHOWN_MS);
  }

  dismiss(id: string): void {
    if (this.shown.some((session) => session.session_id === id)) {
      this.shown = this.shown.filter((session) => session.session_id !== id);
    }
  }
}

export const notices = new Notices();
