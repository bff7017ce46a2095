/**
 * How long messages wait where one thing is done at a time: at a shard's database, at an account.
 *
 * `npm run bench:scale` simulates it from what `npm run bench:cost` has counted, and writes the tables
 * of docs/scale.md. Nothing is started, and nothing but the seed is left to chance.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Counted } from "./cost/document.ts";
import { withTables } from "./scale/document.ts";
import { messageOf, scaleTables } from "./scale/tables.ts";

const COUNTED = join(import.meta.dirname, "cost/counted.json");
const DOCUMENT = join(import.meta.dirname, "../docs/scale.md");

const counted = Counted.parse(JSON.parse(readFileSync(COUNTED, "utf8")));
const tables = scaleTables(messageOf(counted));
writeFileSync(DOCUMENT, withTables(readFileSync(DOCUMENT, "utf8"), tables));
console.log(tables);
