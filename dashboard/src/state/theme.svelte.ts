// Light, dark, or as the system has it.

import { chooseTheme, type Theme } from "./choices.ts";
import { remember, remembered } from "./preferences.ts";

class ThemeChoice {
  chosen = $state.raw(chooseTheme(location.search, remembered("theme")));
  #systemDark = $state.raw(false);
  dark = $derived(this.chosen === "dark" || (this.chosen === "auto" && this.#systemDark));

  constructor() {
    const system = matchMedia("(prefers-color-scheme: dark)");
    this.#systemDark = system.matches;
    system.addEventListener("change", () => (this.#systemDark = system.matches));
    this.#show();
  }

  choose(theme: Theme): void {
    this.chosen = theme;
    remember("theme", theme);
    this.#show();
  }

  #show(): void {
    if (this.chosen === "auto") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = this.chosen;
  }
}

export const theme = new ThemeChoice();
