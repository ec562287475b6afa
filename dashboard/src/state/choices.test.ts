import { describe, expect, it } from "vitest";
import { chooseLanguage, chooseTheme } from "./choices.ts";

describe("choices", () => {
  it.each([
    ["?lang=vi", "en", ["en"], "vi"],
    ["?lang=xx", "vi", ["en"], "vi"],
    ["", null, ["fr-FR", "vi-VN", "en"], "vi"],
    ["", null, ["vim", "fr"], "en"],
    ["", null, [], "en"],
  ])("of language: %s, chosen %s, asked %s → %s", (search, chosen, asked, language) => {
    expect(chooseLanguage(search, chosen, asked)).toBe(language);
  });

  it.each([
    ["?theme=dark", "light", "dark"],
    ["?theme=pink", "light", "light"],
    ["", null, "auto"],
  ])("of theme: %s, chosen %s → %s", (search, chosen, theme) => {
    expect(chooseTheme(search, chosen)).toBe(theme);
  });
});
