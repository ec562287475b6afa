import path from "node:path";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import license from "rollup-plugin-license";
import { defineConfig } from "vitest/config";
import { compiledTexts } from "./scripts/compiled-texts.ts";

const OUT = process.env["DASHBOARD_OUT"] || "dist";

export default defineConfig({
  plugins: [compiledTexts(), svelte()],
  build: {
    target: "es2022",
    outDir: OUT,
    emptyOutDir: true,
    // The page's security policy allows files of its own only: no data: addresses, no inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    rollupOptions: {
      // What the licences of others ask for: their notices go wherever their code goes.
      plugins: [license({ thirdParty: { output: path.resolve(OUT, "assets", "licenses.txt") } })],
    },
  },
  // `npm run dev`: the page as it is edited, with the data of a gateway that runs.
  server: {
    proxy: { "/api": "http://127.0.0.1:5000", "/socket.io": { target: "http://127.0.0.1:5000", ws: true } },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
