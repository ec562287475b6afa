// Short notices of cars that just left.

import { remember, remembered } from "../state/preferences.ts";
import type { Session } from "../wire/messages.ts";

const ON_SCREEN = 3;
const SHOWN_MS = 8_000;

class Notices {
  on = $state.raw(remembered("notices") !== "off");
  shown = $state.raw<readonly Session[]>([]);

  switch(): void {
    this.on = !this.on;
    remember("notices", this.on ? null : "off");
    if (!this.on) this.shown = [];
  }

  add(session: Session): void {
    if (!this.on || document.hidden) return;
    const others = this.shown.filter((other) => other.session_id !== session.session_id);
    this.shown = [...others, session].slice(-ON_SCREEN);
    setTimeout(() => this.dismiss(session.session_id), SHOWN_MS);
  }

  dismiss(id: string): void {
    if (this.shown.some((session) => session.session_id === id)) {
      this.shown = this.shown.filter((session) => session.session_id !== id);
    }
  }
}

export const notices = new Notices();
