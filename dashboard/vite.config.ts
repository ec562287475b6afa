import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import { compiledTexts } from "./scripts/compiled-texts.ts";

export default defineConfig({
  plugins: [compiledTexts(), svelte()],
  build: {
    target: "es2022",
    outDir: process.env["DASHBOARD_OUT"] || "dist",
    emptyOutDir: true,
    // The page's security policy allows files of its own only: no data: addresses, no inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  // `npm run dev`: the page as it is edited, with the data of a gateway that runs.
  server: {
    proxy: { "/api": "http://127.0.0.1:5000", "/socket.io": { target: "http://127.0.0.1:5000", ws: true } },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
