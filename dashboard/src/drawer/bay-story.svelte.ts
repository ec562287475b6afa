// What the drawer tells of a bay: who stands or stood there, for what fee, and who was there before.

import { clock } from "../state/clock.svelte.ts";
import { paced } from "../state/pace.ts";
import { getHistory, getSession, type Problem, type SessionDetail } from "../wire/rest.ts";
import type { Session } from "../wire/messages.ts";

const PAGE = 20;
const DETAIL_MS = 2_000;

export class BayStory {
  readonly bay: string;
  detail = $state.raw<SessionDetail | null>(null);
  earlier = $state.raw<readonly Session[] | null>(null);
  next = $state.raw<string | null>(null);
  problem = $state.raw<Problem | null>(null);

  #subject: string | null = null;
  #closed = false;
  #askSoon = paced(() => void this.#ask(), DETAIL_MS);

  constructor(bay: string) {
    this.bay = bay;
  }

  /** Shows this session's fee, and asks for it again if it is shown already. */
  follow(subject: string | null): void {
    if (subject === this.#subject) return this.#askSoon();
    this.#subject = subject;
    this.detail = null;
    void this.#ask();
  }

  /** Asks again once the fee has risen. */
  tick(): void {
    const rises = this.detail?.fee.next_step_at;
    if (rises && clock.now() >= rises * 1000) this.#askSoon();
  }

  async loadEarlier(): Promise<void> {
    const answer = await getHistory({ location: this.bay, limit: PAGE });
    if (this.#closed) return;
    this.problem = answer.ok ? null : answer.problem;
    if (answer.ok) [this.earlier, this.next] = [answer.value.sessions, answer.value.next];
  }

  async loadMore(): Promise<void> {
    if (this.next === null) return;
    const answer = await getHistory({ location: this.bay, limit: PAGE, cursor: this.next });
    if (this.#closed) return;
    this.problem = answer.ok ? null : answer.problem;
    if (!answer.ok) return;
    const known = new Set(this.earlier?.map(({ session_id }) => session_id));
    const more = answer.value.sessions.filter(({ session_id }) => !known.has(session_id));
    [this.earlier, this.next] = [[...(this.earlier ?? []), ...more], answer.value.next];
  }

  close(): void {
    this.#closed = true;
    this.#subject = null;
  }

  async #ask(): Promise<void> {
    const subject = this.#subject;
    if (subject === null) return;
    const answer = await getSession(subject);
    // A late answer about another car is of no use.
    if (subject !== this.#subject) return;
    if (answer.ok) this.detail = answer.value;
    this.problem = answer.ok ? null : answer.problem;
  }
}
