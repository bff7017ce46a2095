/** The thread's title and labels. A thread without a title is named after its first message. */
import * as z from "zod";
import { Metadata } from "../protocol/entities.ts";
import type { RunRows } from "./run-rows.ts";

/** The most characters of the first message that become the title. */
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

  /** @returns the labels that were set; without a title, the first message gives it. */
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
   * Names a thread without a title after a message. The name is stored only together with labels that were set,
   * because otherwise it can be read from the first message again.
   * @returns the labels with the name; null if there is a title already, or the message has no words.
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
