/** `npm run generate-usage`: writes the usage of a made-up company to a file, for imports and tests of tools. */
import { createWriteStream, writeFileSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import * as z from "zod";
import { exportLines } from "../src/usage/sample/export-rows.ts";
import { sampleEvaluations, sampleProfile } from "../src/usage/sample/stated.ts";
import { sampleTruth } from "../src/usage/sample/truth.ts";
import { expectedRecords, SAMPLE_DAYS, SAMPLE_SEED, sampleRecords } from "../src/usage/sample.ts";

const HELP = `npm run generate-usage -- [options]

Writes the usage records of a made-up company, the same ones for the same options.

  --company sample|control   with inefficiencies to find, or with none (default: sample)
  --days N                   days of usage, 1 to 366 (default: ${SAMPLE_DAYS})
  --records N                about so many records, up to 5,000,000 (default: as many as the days have;
                             fewer come further apart, so that prompt caches hold less)
  --seed N                   another seed makes another company (default: ${SAMPLE_SEED})
  --ends DATE                the day after the last one, as 2026-11-21 (default: today)
  --clean                    without the defects: missing hashes, wrong flags, records that come twice
  --format ndjson|csv        (default: ndjson)
  --cached included|separate whether input tokens hold the cached ones (default: included)
  --out FILE                 where to (default: standard output)
  --truth FILE               also writes what could truly be saved, the evaluations and the profile, as JSON
  --help                     this text
`;

const OPTIONS = {
  company: { type: "string" },
  days: { type: "string" },
  records: { type: "string" },
  seed: { type: "string" },
  ends: { type: "string" },
  clean: { type: "boolean" },
  format: { type: "string" },
  cached: { type: "string" },
  out: { type: "string" },
  truth: { type: "string" },
  help: { type: "boolean" },
} as const;

const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, "must be a whole number")
    .transform(Number)
    .refine((number) => number >= least && number <= most, `must be from ${least} to ${most}`);
const oneOf = <const Choice extends string>(...choices: readonly Choice[]) =>
  z.enum(choices, { error: `must be ${choices.join(" or ")}` });

const Arguments = z.object({
  company: oneOf("sample", "control").default("sample"),
  days: whole(1, 366).default(SAMPLE_DAYS),
  records: whole(1, 5_000_000).optional(),
  seed: whole(0, 2 ** 31).default(SAMPLE_SEED),
  ends: z.iso
    .date("must be a date, as 2026-11-21")
    .transform((date) => Date.parse(date))
    .optional(),
  clean: z.boolean().default(false),
  format: oneOf("ndjson", "csv").default("ndjson"),
  cached: oneOf("included", "separate").default("included"),
  out: z.string().min(1, "must name a file").optional(),
  truth: z.string().min(1, "must name a file").optional(),
  help: z.boolean().default(false),
});
type Arguments = z.infer<typeof Arguments>;

try {
  const wanted = read(process.argv.slice(2));
  if (wanted.help) process.stdout.write(HELP);
  else await generate(wanted);
} catch (error) {
  console.error(
    `${error instanceof Error ? error.message : error}\nSee npm run generate-usage -- --help`,
  );
  process.exitCode = 1;
}

/** @throws {Error} with a line for each option that can't be read. */
function read(args: readonly string[]): Arguments {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const parsed = Arguments.safeParse(values);
  if (parsed.success) return parsed.data;
  throw new Error(
    parsed.error.issues.map(({ path, message }) => `--${path.join(".")} ${message}`).join("\n"),
  );
}

async function generate({ format, cached, out, truth, ...wanted }: Arguments): Promise<void> {
  const { company, days, seed, records, clean, ends = Date.now() } = wanted;
  const dense = { endsAt: ends, company, days, seed, defects: !clean };
  const options =
    records === undefined ? dense : { ...dense, scale: records / expectedRecords(dense) };
  const lines = exportLines(sampleRecords(options), format, cached);
  // What reads standard output may stop early, as `head` does: that is no failure.
  if (out === undefined) await pipeline(lines, process.stdout).catch(unlessClosed);
  else await pipeline(lines, createWriteStream(out));
  if (truth === undefined) return;
  const stated = { profile: sampleProfile, evaluations: sampleEvaluations(options) };
  writeFileSync(truth, `${JSON.stringify({ ...sampleTruth(options), ...stated }, null, 2)}\n`);
}

function unlessClosed(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "EPIPE")) throw error;
}
