/** What the SDK costs a page: bundled and minified as a page's build does it. */
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { expect, test } from "vitest";

const SDK = new URL("../../../src/client/index.ts", import.meta.url).pathname;
const MOST_BYTES = 14_000;

/** @returns what the bundler makes of the SDK. */
async function bundle() {
  const made = await build({
    configFile: false,
    logLevel: "silent",
    build: {
      write: false,
      target: "es2024",
      rolldownOptions: {
        input: SDK,
        preserveEntrySignatures: "strict",
        output: { minify: true },
      },
    },
  });
  return [made].flat().flatMap((result) => ("output" in result ? result.output : []));
}

test(`the SDK is one file of less than ${MOST_BYTES} bytes, gzipped, and brings no library`, async ({
  annotate,
}) => {
  const [sdk, ...others] = await bundle();
  if (sdk?.type !== "chunk") throw new Error("The bundler made no code.");
  const bytes = gzipSync(sdk.code, { level: 9 }).length;
  await annotate(`gzipped, the SDK takes ${bytes} bytes`);
  expect(others).toEqual([]);
  expect(sdk.exports).toContain("ApexClient");
  expect(sdk.moduleIds.filter((id) => !/\/src\/(client|protocol)\//.test(id))).toEqual([]);
  expect(bytes).toBeLessThan(MOST_BYTES);
});
