/** The object's one alarm: it rings for the nearest thing to do, and an object without any sleeps. */
export class Alarm {
  readonly #ctx: DurableObjectState;
  /** When it rings; undefined until it is known whether one that an earlier life set still stands. */
  #at: number | null | undefined;

  /** Nothing reaches the object before it knows: else what is far off would put off what is near. */
  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
    void ctx.blockConcurrencyWhile(async () => {
      const standing = await ctx.storage.getAlarm();
      if (this.#at === undefined) this.#at = standing;
    });
  }

  /** It rang, so it is not set any more. */
  rang(): void {
    this.#at = null;
  }

  /** Whether it is set, and rings by a time in milliseconds since the Unix epoch. */
  standsBy(at: number): boolean {
    return typeof this.#at === "number" && this.#at <= at;
  }

  /** Has it ring at a time (milliseconds since the Unix epoch), unless it rings sooner. */
  by(at: number): void {
    if (!this.standsBy(at)) this.at(at);
  }

  /** Has it ring at a time and not sooner, or not at all. */
  at(time: number | null): void {
    if (this.#at === time) return;
    const { storage } = this.#ctx;
    this.#at = time;
    this.#ctx.waitUntil(time === null ? storage.deleteAlarm() : storage.setAlarm(time));
  }
}
