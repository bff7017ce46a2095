/**
 * The last step of `npm run docs`: fails if a link of the site is broken, or a page loads a script from
 * elsewhere.
 */
import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { brokenLinks, outsiders } from "./site-links.ts";

const SITE = resolve(import.meta.dirname, "../dist/docs");

const paths = globSync("**/*.*", { cwd: SITE });
const pages = new Map(
  paths
    .filter((path) => path.endsWith(".html"))
    .map((path) => [path, readFileSync(join(SITE, path), "utf8")]),
);
const site = { pages, files: new Set(paths) };
const faults = [...brokenLinks(site), ...outsiders(site)];
for (const fault of faults) console.error(fault);
if (faults.length > 0 || pages.size === 0) process.exitCode = 1;
else console.log(`${pages.size} pages in dist/docs, every link of them leads somewhere.`);
