/** The thread's title and labels, as far as its object was told; a thread without a title names itself. */
import * as z from "zod";
import { Metadata } from "../protocol/entities.ts";
import type { RunRows } from "./run-rows.ts";

/** A title is the beginning of the first message, at most so many characters of it. */
const TITLE_LENGTH = 60;

const Row = z.object({
  title: z.string().nullable(),
  metadata: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(Metadata),
});
export type ThreadLabels = z.infer<typeof Row>;

export class Labels {
  readonly #sql: SqlStorage;
  readonly #runs: Pick<RunRows, "first">;

  constructor(sql: SqlStorage, runs: Pick<RunRows, "first">) {
    this.#sql = sql;
    this.#runs = runs;
  }

  /** @returns the labels that were given; else the thread is called after its first message. */
  read(): ThreadLabels {
    return this.#given() ?? { title: this.#firstTitle(), metadata: {} };
  }

  write({ title, metadata }: ThreadLabels): void {
    this.#sql.exec(
      `INSERT INTO thread VALUES (1, ?, ?)
       ON CONFLICT DO UPDATE SET title = excluded.title, metadata = excluded.metadata`,
      title,
      JSON.stringify(metadata),
    );
  }

  /**
   * Names a thread that has no title after a message. What was given is kept with the name; where
   * nothing was, the name need not be written down, for the first message says it.
   * @returns the labels with the name, or null where there is no need or no word of it.
   */
  name(content: string): ThreadLabels | null {
    const labels = this.read();
    const title = titleOf(content);
    if (labels.title !== null || title === "") return null;
    const named = { ...labels, title };
    if (this.#given() !== null) this.write(named);
    return named;
  }

  #given(): ThreadLabels | null {
    const [row] = this.#sql.exec("SELECT title, metadata FROM thread").toArray();
    return row === undefined ? null : Row.parse(row);
  }

  #firstTitle(): string | null {
    return titleOf(this.#runs.first?.content ?? "") || null;
  }
}

function titleOf(content: string): string {
  const line = content.trim().split(/\s+/).join(" ");
  if (line.length <= TITLE_LENGTH) return line;
  const cut = line.slice(0, TITLE_LENGTH).replace(/\s\S*$/, "");
  return `${cut.isWellFormed() ? cut : cut.slice(0, -1)}…`;
}
