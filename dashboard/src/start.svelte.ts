// Sets going what runs as long as the page: the connection, and what is asked beside it.

import { notices } from "./feed/notices.svelte.ts";
import { figures } from "./figures/figures.svelte.ts";
import { live } from "./state/live.svelte.ts";
import { exitRow } from "./table/feed.ts";
import { getHistory, getLot } from "./wire/rest.ts";
import { connect } from "./wire/socket.ts";

const RETRY_MS = 2_000;
const EXITS_IN_FEED = 50;

export function start(): void {
  live.onExit = (session) => notices.add(session);
  live.onSnapshot = () => void loadExits();
  connect((message) => live.receive(message));
  void loadLot();
  followTraffic();
  awaitFirstView();
}

/** Asks until there is an answer: without the layout there is nothing to draw. */
async function loadLot(): Promise<void> {
  const answer = await getLot();
  live.lotMissing = !answer.ok;
  if (answer.ok) live.open(answer.value);
  else setTimeout(() => void loadLot(), RETRY_MS);
}

/** Those who left before one looked, or while the connection was lost. */
async function loadExits(): Promise<void> {
  const answer = await getHistory({ limit: EXITS_IN_FEED });
  if (answer.ok) live.addToFeed(answer.value.sessions.map(exitRow));
}

function followTraffic(): void {
  $effect.root(() => {
    $effect(() => {
      if (!live.lot) return;
      void live.traffic;
      figures.refresh();
    });
  });
}

/** Marks when bays and counters are first on the screen: the frame after the next one. */
function awaitFirstView(): void {
  const stop = $effect.root(() => {
    $effect(() => {
      if (!live.shown || !live.statistics) return;
      requestAnimationFrame(() => requestAnimationFrame(() => performance.mark("first-view")));
      queueMicrotask(() => stop());
    });
  });
}
