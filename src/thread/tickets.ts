/** One-time tickets, remembered for as long as they could be used again. */

/** One-time tickets: the first to come opens a socket, every later one is refused. */
export class Tickets {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** @returns whether this was the ticket's first use. Times are Unix seconds. */
  redeem(id: string, now: number, expiresAt: number): boolean {
    this.#sql.exec("DELETE FROM redeemed_tickets WHERE expires_at < ?", now);
    const written = this.#sql.exec(
      "INSERT INTO redeemed_tickets VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING id",
      id,
      expiresAt,
    );
    return written.toArray().length === 1;
  }
}
