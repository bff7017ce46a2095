/** The object's one alarm: it rings for the nearest thing to do, and a thread without any sleeps. */
export class Alarm {
  readonly #ctx: DurableObjectState;
  /** When it rings; undefined while one that an earlier life set may still stand. */
  #at: number | null | undefined;

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
  }

  /** It rang, so it is not set any more. */
  rang(): void {
    this.#at = null;
  }

  /** @param at when to ring (milliseconds since the Unix epoch), unless it rings sooner; null for never. */
  set(at: number | null): void {
    const { storage } = this.#ctx;
    if (at === null) {
      if (this.#at !== null) this.#ctx.waitUntil(storage.deleteAlarm());
      this.#at = null;
    } else if (typeof this.#at !== "number" || this.#at > at) {
      this.#at = at;
      this.#ctx.waitUntil(storage.setAlarm(at));
    }
  }
}
