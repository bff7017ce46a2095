/** Counts the lines of the product that tests of workerd run, as Vitest does elsewhere: it never sees these modules. */
import { createInstrumenter } from "istanbul-lib-instrument";
import type { Plugin } from "vite";

/** Where Vitest's provider for Istanbul looks for the counts. */
const COUNTS = "__VITEST_COVERAGE__";

/** @returns a plugin for the bundle; put it after all that makes JavaScript of TypeScript. */
export function countedLines(root: string): Plugin {
  const instrumenter = createInstrumenter({
    produceSourceMap: true,
    autoWrap: false,
    esModules: true,
    compact: false,
    coverageVariable: COUNTS,
    coverageGlobalScope: "globalThis",
    coverageGlobalScopeFunc: false,
  });
  return {
    name: "counted-lines",
    enforce: "post",
    transform(code, id) {
      if (!id.startsWith(`${root}/src/`)) return null;
      const { version, ...map } = this.getCombinedSourcemap();
      return instrumenter.instrumentSync(code, id, { ...map, version: String(version) });
    },
  };
}
