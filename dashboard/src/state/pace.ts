// Doing things no more often than is useful.

/** Runs `act` soon after it is asked for, and not again for `rest_ms`; what is asked meanwhile is done once, after that. */
export function paced(act: () => void, rest_ms: number): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let wanted = false;
  const run = () => {
    wanted = false;
    timer = setTimeout(rested, rest_ms);
    act();
  };
  const rested = () => {
    timer = null;
    if (wanted) run();
  };
  return () => {
    wanted = true;
    if (timer === null) run();
  };
}

/** Loads again when told of a change, one load at a time, at most every `least_ms`, at least every `most_ms`. */
export function refreshed(load: () => Promise<void>, least_ms: number, most_ms: number): () => void {
  let running = false;
  let late: ReturnType<typeof setTimeout>;
  let again = false;
  const run = async () => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    again = false;
    clearTimeout(late);
    await load();
    running = false;
    late = setTimeout(ask, most_ms);
    if (again) ask();
  };
  const ask = paced(() => void run(), least_ms);
  return ask;
}

/** Runs `act` with the next frame, or by a timer while nobody looks: a hidden page gets no frames. */
export function perFrame(act: () => void, hidden_ms: number): () => void {
  let cancel: (() => void) | null = null;
  const run = () => {
    cancel = null;
    act();
  };
  const schedule = () => {
    if (document.hidden) {
      const timer = setTimeout(run, hidden_ms);
      cancel = () => clearTimeout(timer);
    } else {
      const frame = requestAnimationFrame(run);
      cancel = () => cancelAnimationFrame(frame);
    }
  };
  document.addEventListener("visibilitychange", () => {
    if (!cancel) return;
    cancel();
    schedule();
  });
  return () => {
    if (!cancel) schedule();
  };
}
