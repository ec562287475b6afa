import { parse } from "@formatjs/icu-messageformat-parser";
import type { Plugin } from "vite";

const PARSER = "@formatjs/icu-messageformat-parser";

/** Reads the texts' places and plurals while building, so that no page has to bring a parser for them. */
export function compiledTexts(): Plugin {
  return {
    name: "compiled-texts",
    apply: "build",
    enforce: "pre",
    resolveId(source, importer) {
      return source === PARSER ? this.resolve(`${PARSER}/no-parser.js`, importer) : null;
    },
    transform(code, id) {
      if (!/\/src\/texts\/\w+\.json$/.test(id)) return null;
      const texts = Object.entries(JSON.parse(code) as Record<string, string>);
      return JSON.stringify(Object.fromEntries(texts.map(([key, text]) => [key, compiled(text)])));
    },
  };
}

const compiled = (text: string) => (text.includes("{") ? parse(text) : text);
