import { IntlMessageFormat } from "intl-messageformat";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import en from "./en.json";
import vi from "./vi.json";

const texts: Record<string, Record<string, string>> = { en, vi };
const keys = Object.keys(en) as (keyof typeof en)[];

/** The names of what a text has places for. */
function places(text: string): string[] {
  const found = new Set<string>();
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(walk);
    if (!node || typeof node !== "object") return;
    if ("type" in node && "value" in node && node.type !== 0) found.add(String(node.value));
    Object.values(node).forEach(walk);
  };
  walk(new IntlMessageFormat(text, "en").getAst());
  return [...found].sort();
}

describe("texts", () => {
  it("are the same in every language", () => {
    for (const [language, translated] of Object.entries(texts)) {
      expect(Object.keys(translated), language).toEqual(keys);
      expect(Object.values(translated).filter((text) => !text.trim())).toEqual([]);
    }
  });

  it("have the same places in every language", () => {
    for (const key of keys) expect(places(vi[key]), key).toEqual(places(en[key]));
  });

  it("are all used", () => {
    const folder = new URL("..", import.meta.url).pathname;
    const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(svelte|ts)$/.test(name) && !name.endsWith(".test.ts"))
      .map((name) => readFileSync(join(folder, name), "utf8"))
      .join("\n");
    const madeUp = /^(state|connection|theme|figure|duration|status|view|map|feed)\./;
    expect(keys.filter((key) => !madeUp.test(key) && !sources.includes(`"${key}"`))).toEqual([]);
  });
});
