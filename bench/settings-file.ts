/** Settings as wrangler reads them: command lines could be read by everybody on the machine. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Settings } from "../test/e2e/product.ts";

/** @returns the file, written into a directory in the place of the one before. */
export async function settingsFile(directory: string, settings: Settings): Promise<string> {
  const path = join(directory, "settings.env");
  const lines = Object.entries(settings).map(([name, value]) => `${name}='${value}'\n`);
  await writeFile(path, lines.join(""));
  return path;
}
