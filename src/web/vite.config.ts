/** Builds the two pages, the chat and the API's documentation, into what the worker serves. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Everything is a file of this origin, as the Content-Security-Policy in `public/_headers` asks. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: "../../dist/page",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Swagger UI is one file of 1.7 MB, and only the documentation loads it.
    chunkSizeWarningLimit: 2_000,
    rolldownOptions: {
      input: ["index.html", "docs.html"].map((page) => `${import.meta.dirname}/${page}`),
    },
  },
});
