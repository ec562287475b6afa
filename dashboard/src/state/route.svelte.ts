// Where in the dashboard one is; the address says it, so that links and the back button work.

import { readPlace, writePlace, type Place } from "./url.ts";

class Route {
  place = $state.raw<Place>(readPlace(location.search));
  /** Cursors of the newer pages of the history that led here. */
  trail = $state.raw<(string | null)[]>(trailOf(history.state));

  constructor() {
    addEventListener("popstate", (event) => {
      this.place = readPlace(location.search);
      this.trail = trailOf(event.state);
    });
  }

  href(place: Place): string {
    return location.pathname + writePlace(place, location.search);
  }

  go(place: Place, { replace = false, trail = [] as (string | null)[] } = {}): void {
    const href = this.href(place);
    if (replace) history.replaceState({ trail }, "", href);
    else history.pushState({ trail }, "", href);
    this.place = place;
    this.trail = trail;
  }

  openBay(bay: string): void {
    const current = this.place;
    this.go({ ...current, bay }, { replace: current.bay !== null, trail: this.trail });
  }

  closeBay(): void {
    this.go({ ...this.place, bay: null }, { trail: this.trail });
  }
}

function trailOf(state: unknown): (string | null)[] {
  const trail = state && typeof state === "object" && "trail" in state ? state.trail : null;
  return Array.isArray(trail) ? (trail as (string | null)[]) : [];
}

export const route = new Route();
