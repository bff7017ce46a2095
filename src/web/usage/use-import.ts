/** The import of one file, from the drop to the end: tried first, then taken in, stopped, gone on with. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { ApexClient, ImportOptions } from "../../client/index.ts";
import { ApexError } from "../../protocol/errors.ts";
import { MAX_UPLOAD_BYTES } from "../../protocol/limits.ts";
import type { ImportPreview, ImportReceipt, UsageImport } from "../../protocol/usage.ts";
import { useWords } from "../words/words.ts";
import { asUpload, importIdOf } from "./import-file.ts";

/** Where the import stands. */
export type ImportState =
  | { readonly step: "idle" }
  | { readonly step: "reading"; readonly file: File }
  | {
      readonly step: "refused";
      readonly file: File;
      /** How it was to be read. */
      readonly options: ImportOptions;
      readonly problem: ApexError;
    }
  | ({ readonly step: "previewed" } & Tried)
  | ({ readonly step: "importing"; readonly so: UsageImport | null } & Tried)
  | ({ readonly step: "stopped" } & Stopped)
  | { readonly step: "finished"; readonly file: File; readonly receipt: ImportReceipt };

interface Tried {
  readonly file: File;
  readonly options: ImportOptions;
  readonly preview: ImportPreview;
}

interface Stopped extends Tried {
  readonly so: UsageImport | null;
  /** Null where the person stopped it. */
  readonly problem: ApexError | null;
}

export interface Import {
  readonly state: ImportState;
  choose(file: File, options?: ImportOptions): Promise<void>;
  /** Takes the file in, or goes on where it was stopped. */
  start(tried: Tried): Promise<void>;
  /** Stops whatever is under way. */
  cancel(): void;
  /** @throws {ApexError} `import_conflict` where a batch is still on its way. */
  takeBack(id: string): Promise<void>;
  reset(): void;
}

/** @returns no import yet; leaving the view stops one that is under way. */
export function useImport(client: ApexClient): Import {
  const words = useWords().usage.import;
  const queries = useQueryClient();
  const [state, setState] = useState<ImportState>({ step: "idle" });
  const work = useRef<AbortController | null>(null);
  useEffect(() => () => work.current?.abort(), []);

  function begin(): AbortSignal {
    work.current?.abort();
    work.current = new AbortController();
    return work.current.signal;
  }
  const reset = () => {
    work.current?.abort();
    setState({ step: "idle" });
  };
  const readAnew = () => queries.invalidateQueries({ queryKey: ["usage-extent"] });

  return {
    state,
    reset,
    async choose(file, options = {}) {
      const signal = begin();
      const flaw = flawOf(file);
      if (flaw !== null) {
        const problem = new ApexError("invalid_fields", words[flaw]);
        setState({ step: "refused", file, options, problem });
        return;
      }
      setState({ step: "reading", file });
      try {
        const preview = await client.usage.preview(asUpload(file), options, signal);
        if (!signal.aborted) setState({ step: "previewed", file, options, preview });
      } catch (error) {
        if (signal.aborted) return;
        setState({ step: "refused", file, options, problem: ApexError.from(error) });
      }
    },
    async start(tried) {
      const signal = begin();
      const { file, options, preview } = tried;
      let so: UsageImport | null = null;
      setState({ step: "importing", file, options, preview, so });
      try {
        const import_id = await importIdOf(file);
        const upload = asUpload(file);
        for await (const told of client.usage.import(upload, { ...options, import_id }, signal)) {
          so = told.import;
          setState(
            told.type === "import_completed"
              ? { step: "finished", file, receipt: { import: so, refused: told.refused } }
              : { step: "importing", file, options, preview, so },
          );
        }
      } catch (error) {
        const problem = signal.aborted ? null : ApexError.from(error);
        if (work.current?.signal === signal) {
          setState({ step: "stopped", file, options, preview, so, problem });
        }
      }
      await readAnew();
    },
    cancel() {
      if (state.step === "importing") work.current?.abort();
      else reset();
    },
    async takeBack(id) {
      await client.usage.takeBack(id);
      await readAnew();
      reset();
    },
  };
}

function flawOf({ size }: File): "empty" | "tooLarge" | null {
  if (size === 0) return "empty";
  return size > MAX_UPLOAD_BYTES ? "tooLarge" : null;
}
