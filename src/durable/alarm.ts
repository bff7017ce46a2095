/**
 * The one alarm that a Durable Object has, set for whatever has to be done next. Remembers what it is set to, so
 * that setting it to the same time again costs no write.
 */
export class Alarm {
  readonly #ctx: DurableObjectState;
  /** When it rings, null if it is not set; undefined until the stored alarm has been read. */
  #at: number | null | undefined;

  /**
   * Holds back all requests until the stored alarm is read. Otherwise one of them might set a later time over an
   * earlier one that still stands.
   */
  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
    void ctx.blockConcurrencyWhile(async () => {
      const standing = await ctx.storage.getAlarm();
      if (this.#at === undefined) this.#at = standing;
    });
  }

  /** To be called when it rings: the platform has then removed it. */
  rang(): void {
    this.#at = null;
  }

  /** @returns whether it rings at this time (milliseconds since the Unix epoch) or earlier. */
  standsBy(at: number): boolean {
    return typeof this.#at === "number" && this.#at <= at;
  }

  /** Makes it ring at this time (milliseconds since the Unix epoch) at the latest. */
  by(at: number): void {
    if (!this.standsBy(at)) this.at(at);
  }

  /** Makes it ring at exactly this time, even if it was set to an earlier one; null removes it. */
  at(time: number | null): void {
    if (this.#at === time) return;
    const { storage } = this.#ctx;
    this.#at = time;
    this.#ctx.waitUntil(time === null ? storage.deleteAlarm() : storage.setAlarm(time));
  }
}
