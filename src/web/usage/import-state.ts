/** Where an import can stand, from the drop of a file to its end. */
import type { ImportOptions } from "../../client/index.ts";
import type { ApexError } from "../../protocol/errors.ts";
import type { ImportPreview, ImportReceipt, UsageImport } from "../../protocol/usage.ts";
import type { ImportNote } from "./import-note.ts";

export type ImportState =
  | { readonly step: "idle" }
  | { readonly step: "reading"; readonly file: File }
  | ({ readonly step: "refused" } & Refused)
  | ({ readonly step: "previewed" } & Tried)
  | ({ readonly step: "importing"; readonly so: UsageImport | null } & Tried)
  | ({ readonly step: "stopped" } & Stopped)
  | ({ readonly step: "interrupted" } & Interrupted)
  | { readonly step: "finished"; readonly name: string; readonly receipt: ImportReceipt };

/** What a file is plainly no good for, without asking anybody. */
export type Flaw = "empty" | "tooLarge";

interface Refused {
  readonly file: File;
  /** How it was to be read. */
  readonly options: ImportOptions;
  readonly why: Flaw | ApexError;
}

/** A file that was tried. */
export interface Tried {
  readonly file: File;
  readonly options: ImportOptions;
  readonly preview: ImportPreview;
}

/** By the end of an earlier page: the file is not at hand any more. */
interface Interrupted {
  readonly note: ImportNote;
  /** Null until it is known. */
  readonly so: UsageImport | null;
  /** Whether it was seen to come further without its page: what was sent may be on its way still. */
  readonly goesOn: boolean;
}

interface Stopped extends Tried {
  readonly so: UsageImport | null;
  /** Null where the person stopped it. */
  readonly problem: ApexError | null;
}
