/** What the command line of an import asks for. */
import { parseArgs } from "node:util";
import { ImportFormat, ImportId } from "../protocol/usage.ts";
import {
  isWebAddress,
  mistake,
  mistakeOf,
  type Parsed,
  type ServerOptions,
  serverArguments,
} from "./command-line.ts";

export interface ImportOptions extends ServerOptions {
  readonly file: string;
  /** Null: the server tells it from the first row. */
  readonly format: ImportFormat | null;
  /** JSON, or undefined. */
  readonly columnMap: string | undefined;
  readonly dryRun: boolean;
  /** Go on without asking. */
  readonly yes: boolean;
  /** Null: it follows from the file. */
  readonly importId: string | null;
}

export const IMPORT_USAGE = `Usage: npm run import -- [options] <file>

Shows what would be stored, asks, and imports. The same file again goes on where it broke off.

  --format <name>      ${ImportFormat.options.slice(0, 5).join(", ")},
                       ${ImportFormat.options.slice(5).join(", ")}; told from the first row
  --column-map <json>  for csv and ndjson: {"columns": {"ts": "time", …}, "cached": "included"}
  --dry-run            show it only
  --yes                do not ask
  --import-id <id>     instead of one that follows from the file
  --url <url>          the server (APEX_URL, or http://127.0.0.1:8787)
  --email <email>      who you are (developer@example.com)
  --login              sign in with a password: APEX_PASSWORD, or typed when asked
  --help               show this
`;

/** @param environment where `APEX_URL` may stand. */
export function parseImport(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Parsed<ImportOptions> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...serverArguments(environment),
        format: { type: "string" },
        "column-map": { type: "string" },
        "dry-run": { type: "boolean", default: false },
        yes: { type: "boolean", default: false },
        "import-id": { type: "string" },
      },
    });
    if (values.help) return { kind: "help" };
    const [file, ...others] = positionals;
    if (file === undefined || others.length > 0) return mistake("Name one file.");
    const format = values.format === undefined ? null : ImportFormat.safeParse(values.format);
    if (format?.success === false) return mistake(`Not a format: ${values.format}`);
    const id = values["import-id"] === undefined ? null : ImportId.safeParse(values["import-id"]);
    if (id?.success === false) return mistake(`Not an import's id: ${values["import-id"]}`);
    if (!isWebAddress(values.url)) return mistake(`Not a web address: ${values.url}`);
    const { url, email, login, yes } = values;
    return {
      kind: "options",
      options: {
        ...{ url, email, login, yes, file },
        format: format?.data ?? null,
        columnMap: values["column-map"],
        dryRun: values["dry-run"],
        importId: id?.data ?? null,
      },
    };
  } catch (error) {
    return mistakeOf(error);
  }
}
