// Which language and theme a page begins with. Pure.

export const LANGUAGES = ["en", "vi"] as const;
export type Language = (typeof LANGUAGES)[number];

export const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

/** The address goes before what was chosen earlier, that before what the browser asks for. */
export function chooseLanguage(search: string, chosen: string | null, asked: readonly string[]): Language {
  const wishes = [new URLSearchParams(search).get("lang"), chosen, ...asked];
  const known = wishes.map((wish) => LANGUAGES.find((language) => language === wish?.toLowerCase().split("-")[0]));
  return known.find((language) => language !== undefined) ?? "en";
}

/** The address goes before what was chosen earlier. */
export function chooseTheme(search: string, chosen: string | null): Theme {
  const named = (name: string | null) => THEMES.find((theme) => theme === name);
  return named(new URLSearchParams(search).get("theme")) ?? named(chosen) ?? "auto";
}
