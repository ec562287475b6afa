// Keeps messages in the order they came in, though some take time to unpack.

type Deliver<T> = (value: T) => void;

export class Sequence<T> {
  #waiting: (T | Promise<T>)[] = [];
  #generation = 0;
  #deliver: Deliver<T>;
  #failed: (error: unknown) => void;

  constructor(deliver: Deliver<T>, failed: (error: unknown) => void) {
    this.#deliver = deliver;
    this.#failed = failed;
  }

  /** Passes the value on, at once unless an earlier one is still being unpacked. */
  push(value: T | Promise<T>): void {
    const idle = this.#waiting.length === 0;
    if (idle && !(value instanceof Promise)) return this.#deliver(value);
    // What fails while it waits for its turn is handled when its turn comes.
    if (value instanceof Promise) value.catch(() => {});
    this.#waiting.push(value);
    if (idle) void this.#drain(this.#generation);
  }

  /** Forgets what waits: the connection it came from is gone. */
  clear(): void {
    this.#waiting = [];
    this.#generation++;
  }

  async #drain(generation: number): Promise<void> {
    while (this.#waiting.length > 0) {
      try {
        const value = await this.#waiting[0]!;
        if (generation !== this.#generation) return;
        this.#deliver(value);
      } catch (error) {
        if (generation !== this.#generation) return;
        this.#failed(error);
        if (generation !== this.#generation) return;
      }
      this.#waiting.shift();
    }
  }
}
