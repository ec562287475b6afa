/** Bays whose state time alone will change, by the second in which it does. */
export class Deadlines {
  #due = new Map<number, string[]>();
  #waits = new Map<string, number>();
  #passed = -Infinity;

  /**
   * Asks for the bay to be looked at after this moment. A bay that waits for an earlier one keeps that: whether it has
   * changed is found out then. So a car that is seen every second does not wait a hundred times.
   */
  add(bay: string, after_ms: number): void {
    if (after_ms === Infinity) return;
    const second = Math.max(Math.floor(after_ms / 1000) + 1, this.#passed + 1);
    if ((this.#waits.get(bay) ?? Infinity) <= second) return;
    this.#waits.set(bay, second);
    const others = this.#due.get(second);
    if (others) others.push(bay);
    else this.#due.set(second, [bay]);
  }

  /** Takes out the bays whose moment has come. */
  take(now_ms: number): string[] {
    this.#passed = Math.floor(now_ms / 1000);
    const due: string[] = [];
    for (const [second, bays] of this.#due) {
      if (second > this.#passed) continue;
      due.push(...bays);
      this.#due.delete(second);
      for (const bay of bays) if (this.#waits.get(bay) === second) this.#waits.delete(bay);
    }
    return due;
  }
}
