/** Which messages the clients of a thread have named: known without an index, which every message would pay for. */
import * as z from "zod";
import type { ClientMessageId } from "../protocol/ids.ts";

/** As many as are kept in memory; the rows themselves are searched for older ones. */
const MAX_KNOWN = 100_000;

const Row = z.object({ accepted_seq: z.number(), client_message_id: z.string() });
const Place = Row.pick({ accepted_seq: true });

export class ClientIds {
  readonly #sql: SqlStorage;
  /** The places of the newest, read when one is first asked for. */
  #places: Map<string, number> | null = null;
  /** The place of the oldest of them where there are older ones. */
  #oldest = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** To be called with each row that is written; that it may yet be taken back does no harm. */
  add(id: string, acceptedSeq: number): void {
    this.#places?.set(id, acceptedSeq);
  }

  /** @returns the seq at which the message was accepted, if it was: its row has to say so itself. */
  find(id: ClientMessageId): number | null {
    this.#places ??= this.#read();
    return this.#places.get(id) ?? (this.#oldest > 0 ? this.#search(id) : null);
  }

  #read(): Map<string, number> {
    const rows = this.#sql.exec(
      `SELECT accepted_seq, client_message_id FROM runs WHERE client_message_id IS NOT NULL
       ORDER BY accepted_seq DESC LIMIT ?`,
      MAX_KNOWN,
    );
    const places = new Map<string, number>();
    for (const row of rows) {
      const { accepted_seq, client_message_id } = Row.parse(row);
      places.set(client_message_id, accepted_seq);
      if (places.size === MAX_KNOWN) this.#oldest = accepted_seq;
    }
    return places;
  }

  #search(id: ClientMessageId): number | null {
    const rows = this.#sql.exec(
      "SELECT accepted_seq FROM runs WHERE accepted_seq < ? AND client_message_id = ?",
      this.#oldest,
      id,
    );
    return Place.optional().parse(rows.toArray()[0])?.accepted_seq ?? null;
  }
}
