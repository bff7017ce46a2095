/** The thread's title and labels, as far as its object was told; a thread without a title names itself. */
import * as z from "zod";
import { Metadata } from "../protocol/entities.ts";

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

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** @returns the labels, empty where the object was told of none. */
  read(): ThreadLabels {
    const [row] = this.#sql.exec("SELECT title, metadata FROM thread").toArray();
    return Row.optional().parse(row) ?? { title: null, metadata: {} };
  }

  write({ title, metadata }: ThreadLabels): void {
    this.#sql.exec(
      `INSERT INTO thread VALUES (1, ?, ?)
       ON CONFLICT DO UPDATE SET title = excluded.title, metadata = excluded.metadata`,
      title,
      JSON.stringify(metadata),
    );
  }

  /** @returns the labels with a title made of a message, or null where there is no need or no word of it. */
  named(content: string): ThreadLabels | null {
    const labels = this.read();
    const title = titleOf(content);
    return labels.title !== null || title === "" ? null : { ...labels, title };
  }
}

function titleOf(content: string): string {
  const line = content.trim().split(/\s+/).join(" ");
  if (line.length <= TITLE_LENGTH) return line;
  const cut = line.slice(0, TITLE_LENGTH).replace(/\s\S*$/, "");
  return `${cut.isWellFormed() ? cut : cut.slice(0, -1)}…`;
}
