// The road as of now, asked again as often as vehicles report, while somebody looks at it.

import { getRoad, type Problem, type Road } from "../wire/rest.ts";

const LEAST_MS = 1_000;
const AFTER_TROUBLE_MS = 3_000;

class RoadKept {
  now = $state.raw<Road | null>(null);
  problem = $state.raw<Problem | null>(null);

  /** Asks until the function that it gives is called. */
  follow(): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const ask = async () => {
      const answer = await getRoad();
      if (isOver) return;
      if (answer.ok) this.now = answer.value;
      this.problem = answer.ok ? null : answer.problem;
      const pause = answer.ok ? Math.max(LEAST_MS, answer.value.report_interval_seconds * 1000) : AFTER_TROUBLE_MS;
      timer = setTimeout(() => void ask(), pause);
    };
    void ask();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }
}

export const road = new RoadKept();
