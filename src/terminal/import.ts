/** Imports a file of usage from a terminal: tried first, then asked for, then told as it goes. */
import { createHash } from "node:crypto";
import { createReadStream, openAsBlob } from "node:fs";
import { access } from "node:fs/promises";
import { basename } from "node:path";
import { createInterface } from "node:readline/promises";
import { ApexClient } from "../client/index.ts";
import { ApexError } from "../protocol/errors.ts";
import { MAX_FILE_NAME_LENGTH } from "../protocol/limits.ts";
import { counted } from "../protocol/plural.ts";
import { IMPORT_USAGE, type ImportOptions, parseImport } from "./import-options.ts";
import { describeImport, describePreview, describeRefused } from "./import-report.ts";
import { plain } from "./plain-text.ts";
import { signIn } from "./sign-in.ts";
import type { ExitCode } from "./terminal.ts";
import type { World } from "./world.ts";

/** @returns 0 where it is done, or was shown only; 1 where it failed, or nobody agreed; 2 for wrong arguments. */
export async function importUsage(world: World): Promise<ExitCode> {
  const parsed = parseImport(world.args, world.environment);
  if (parsed.kind === "help") {
    world.stdout.write(IMPORT_USAGE);
    return 0;
  }
  if (parsed.kind === "mistake") {
    world.stderr.write(`${plain(parsed.mistake)}\n\n${IMPORT_USAGE}`);
    return 2;
  }
  try {
    return await run(parsed.options, world);
  } catch (error) {
    world.stderr.write(`${plain(messageOf(error))}\n`);
    return 1;
  }
}

async function run(options: ImportOptions, world: World): Promise<ExitCode> {
  const type = /\.csv$/i.test(options.file) ? "text/csv" : "application/octet-stream";
  await access(options.file);
  const file = await openAsBlob(options.file, { type });
  const client = new ApexClient({
    baseUrl: options.url,
    ...(world.fetch && { fetch: world.fetch }),
  });
  await signIn(client, options, world);
  const query = { format: options.format ?? undefined, column_map: options.columnMap };

  const preview = await client.usage.preview(file, query, world.interrupt);
  world.stdout.write(`${describePreview(preview)}\n`);
  if (options.dryRun) return 0;
  if (preview.stored === 0) {
    world.stderr.write("There is nothing to import.\n");
    return 1;
  }
  if (!options.yes && !(await agrees(preview.stored, world))) return 1;

  const import_id = options.importId ?? (await idOf(options.file));
  const named = {
    ...query,
    import_id,
    file_name: basename(options.file).slice(0, MAX_FILE_NAME_LENGTH),
  };
  for await (const told of client.usage.import(file, named, world.interrupt)) {
    if (told.type === "import_progress") {
      if (world.stderr.isTTY)
        world.stderr.write(`\r${told.import.rows} of ${counted(preview.rows, "row")}`);
      continue;
    }
    if (world.stderr.isTTY) world.stderr.write("\n");
    world.stdout.write(`${describeImport(told.import)}\n${describeRefused(told.refused)}`);
  }
  return 0;
}

async function agrees(records: number, { stdin, stderr }: World): Promise<boolean> {
  if (!stdin.isTTY) {
    stderr.write("Nothing was imported: there is nobody to ask. Say --yes to go on.\n");
    return false;
  }
  const reader = createInterface({ input: stdin, output: stderr, terminal: true });
  try {
    const answer = await reader.question(`Import ${counted(records, "record")}? [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    reader.close();
  }
}

/** The same file has the same id, so that what broke off goes on. */
async function idOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path)) hash.update(piece);
  return `file-${hash.digest("hex").slice(0, 40)}`;
}

function messageOf(error: unknown): string {
  const isOfSystem = error instanceof Error && "code" in error && "syscall" in error;
  return isOfSystem ? error.message : ApexError.from(error).message;
}
