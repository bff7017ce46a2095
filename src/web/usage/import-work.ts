/** The import of one file: tried first, then taken in, stopped, gone on with. It goes on beside other views. */
import type { ApexClient, ImportOptions } from "../../client/index.ts";
import { ApexError } from "../../protocol/errors.ts";
import { MAX_UPLOAD_BYTES } from "../../protocol/limits.ts";
import type { ImportReceipt, UsageImport } from "../../protocol/usage.ts";
import { asUpload, importIdOf, nameForList } from "./import-file.ts";
import { type ImportNote, readNote, removeNote, writeNote } from "./import-note.ts";
import type { Flaw, ImportState, Tried } from "./import-state.ts";

/** Between two looks at an import that an earlier page began, in milliseconds. */
const FOLLOW_MS = 2_000;
/** Looks in a row that tell nothing, after which no other is taken. */
const MOST_BLIND = 8;

interface ImportParts {
  readonly client: ApexClient;
  readonly userId: string;
  /** Has everything that shows records read them anew. */
  readonly onStored: () => Promise<unknown>;
}

export class ImportWork {
  readonly #parts: ImportParts;
  readonly #changes = new EventTarget();
  #state: ImportState;
  #work: AbortController | null = null;

  /** Begins with the import that an earlier page did not bring to its end, if there is one. */
  constructor(parts: ImportParts) {
    this.#parts = parts;
    const note = readNote(parts.userId);
    this.#state = note === null ? IDLE : { step: "interrupted", note, so: null, goesOn: false };
    if (note !== null) void this.#follow(note);
  }

  readonly state = (): ImportState => this.#state;

  /** Calls back after each change; the result ends that. */
  readonly subscribe = (changed: () => void): (() => void) => {
    this.#changes.addEventListener("change", changed);
    return () => this.#changes.removeEventListener("change", changed);
  };

  /** Tries a file. The one whose import was interrupted goes on at once. */
  async choose(file: File, options: ImportOptions = {}): Promise<void> {
    const signal = this.#begin();
    const flaw = flawOf(file);
    if (flaw !== null) return this.#set({ step: "refused", file, options, why: flaw });
    this.#set({ step: "reading", file });
    try {
      const { usage } = this.#parts.client;
      const preview = await usage.preview(asUpload(file), options, signal);
      const isKnown = readNote(this.#parts.userId)?.id === (await importIdOf(file));
      if (signal.aborted) return;
      const tried = { file, options, preview };
      if (isKnown) await this.start(tried);
      else this.#set({ step: "previewed", ...tried });
    } catch (error) {
      if (signal.aborted) return;
      this.#set({ step: "refused", file, options, why: ApexError.from(error) });
    }
  }

  /** Takes the file in, or goes on where it was stopped. */
  async start({ file, options, preview }: Tried): Promise<void> {
    const { client, userId, onStored } = this.#parts;
    const tried = { file, options, preview };
    const signal = this.#begin();
    let so: UsageImport | null = null;
    this.#set({ step: "importing", ...tried, so });
    try {
      const import_id = await importIdOf(file);
      writeNote(userId, { id: import_id, name: file.name, rows: preview.rows });
      const named = { ...options, import_id, file_name: nameForList(file) };
      const news = client.usage.import(asUpload(file), named, signal);
      for await (const told of news) {
        so = told.import;
        if (told.type === "import_completed") {
          this.#finish(file.name, { import: so, refused: told.refused });
        } else this.#set({ step: "importing", ...tried, so });
      }
    } catch (error) {
      const problem = signal.aborted ? null : ApexError.from(error);
      if (this.#work?.signal === signal) this.#set({ step: "stopped", ...tried, so, problem });
    }
    await onStored();
  }

  /** Stops whatever is under way. */
  cancel(): void {
    if (this.#state.step === "importing") this.#work?.abort();
    else this.reset();
  }

  /**
   * Takes an import back, this one or any other.
   * @throws {ApexError} `import_conflict` where a batch is still on its way.
   */
  async takeBack(id: string): Promise<void> {
    await this.#parts.client.usage.takeBack(id);
    await this.#parts.onStored();
    if (this.#isAbout(id)) this.reset();
  }

  /** Is done with the file, and with what was interrupted. */
  reset(): void {
    this.#work?.abort();
    removeNote(this.#parts.userId);
    this.#set(IDLE);
  }

  /** Looks how an import comes on that an earlier page began, until nobody sends it any more. */
  async #follow({ id, name }: ImportNote): Promise<void> {
    for (let blind = 0; blind < MOST_BLIND; blind++) {
      const so = await this.#lookUp(id);
      if (this.#state.step !== "interrupted") return;
      if (so === "unknown") return this.reset();
      if (so?.status === "complete") {
        this.#finish(name, { import: so, refused: [] });
        await this.#parts.onStored();
        return;
      }
      if (so !== null) {
        this.#set({ ...this.#state, so, goesOn: so.under_way });
        if (!so.under_way) return;
        blind = 0;
      }
      await new Promise((resolve) => setTimeout(resolve, FOLLOW_MS));
    }
    if (this.#state.step === "interrupted") this.#set({ ...this.#state, goesOn: false });
  }

  /** @returns null where it cannot be known just now. */
  async #lookUp(id: string): Promise<UsageImport | "unknown" | null> {
    try {
      return await this.#parts.client.usage.getImport(id);
    } catch (error) {
      return ApexError.from(error).code === "not_found" ? "unknown" : null;
    }
  }

  #finish(name: string, receipt: ImportReceipt): void {
    removeNote(this.#parts.userId);
    this.#set({ step: "finished", name, receipt });
  }

  /** Whether what is shown here is the import of that id. */
  #isAbout(id: string): boolean {
    const state = this.#state;
    if (state.step === "finished") return state.receipt.import.id === id;
    return readNote(this.#parts.userId)?.id === id;
  }

  #begin(): AbortSignal {
    this.#work?.abort();
    this.#work = new AbortController();
    return this.#work.signal;
  }

  #set(state: ImportState): void {
    this.#state = state;
    this.#changes.dispatchEvent(new Event("change"));
  }
}

const IDLE: ImportState = { step: "idle" };

function flawOf({ size }: File): Flaw | null {
  if (size === 0) return "empty";
  return size > MAX_UPLOAD_BYTES ? "tooLarge" : null;
}
