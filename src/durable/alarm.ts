/** The object's one alarm: it rings for the nearest thing to do, and an object without any sleeps. */
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

  /** Has it ring at a time (milliseconds since the Unix epoch), unless it rings sooner. */
  by(at: number): void {
    if (typeof this.#at !== "number" || this.#at > at) this.at(at);
  }

  /** Has it ring at a time and not sooner, or not at all. */
  at(time: number | null): void {
    if (this.#at === time) return;
    const { storage } = this.#ctx;
    this.#at = time;
    this.#ctx.waitUntil(time === null ? storage.deleteAlarm() : storage.setAlarm(time));
  }
}
