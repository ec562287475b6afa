// The texts of the page in the chosen language, and how it writes numbers and times.

import IntlMessageFormat from "intl-messageformat";
import { durationParts, formatFor, type Format } from "./format.ts";
import { chooseLanguage, type Language } from "./state/choices.ts";
import { live } from "./state/live.svelte.ts";
import { remember, remembered } from "./state/preferences.ts";
import en from "./texts/en.json";
import vi from "./texts/vi.json";

export type Key = keyof typeof en;
type Values = Record<string, string | number>;

/** As they are written, or, where the build has read them, in their parts. */
type Text = ConstructorParameters<typeof IntlMessageFormat>[0];

const TEXTS: Record<Language, Record<Key, Text>> = { en, vi };
const LOCALES: Record<Language, string> = { en: "en-GB", vi: "vi-VN" };

const made = new Map<string, IntlMessageFormat>();

class I18n {
  language = $state.raw(chooseLanguage(location.search, remembered("language"), navigator.languages));
  format: Format = $derived(
    formatFor({
      language: LOCALES[this.language],
      timeZone: live.lot?.time_zone ?? "UTC",
      currency: live.lot?.tariff.currency ?? "XXX",
    }),
  );

  choose(language: Language): void {
    this.language = language;
    remember("language", language);
  }

  t = (key: Key, values?: Values): string => {
    const text = TEXTS[this.language][key];
    return typeof text === "string" && !values ? text : String(this.#message(key, text).format(values));
  };

  /** "1 h 05 min" */
  duration = (seconds: number): string => {
    const { unit, ...values } = durationParts(seconds);
    return this.t(`duration.${unit}`, values as Values);
  };

  #message(key: Key, text: Text): IntlMessageFormat {
    const id = `${this.language} ${key}`;
    let message = made.get(id);
    if (!message) made.set(id, (message = new IntlMessageFormat(text, this.language)));
    return message;
  }
}

export const i18n = new I18n();
export const { t, duration } = i18n;
