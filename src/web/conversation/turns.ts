/** Whose turn it is to send what waits in a thread: of all tabs that show it, one's at a time. */

/** How long a tab waits for another that has the turn, in milliseconds: that one may be stuck. */
const PATIENCE_MS = 5_000;

/**
 * Keeps the order, and spares the wire. That nothing is said twice is the server's doing, which takes a
 * message once under its id: browsers offer Web Locks on secure origins only, a tab that keeps its turn
 * too long is not waited for, and what one tab has stored another may see a moment later.
 */
export class Turns {
  readonly #name: string;
  /** How often this tab has it just now. */
  #had = 0;

  /** @param name of what is done in turns, the same in each tab. */
  constructor(name: string) {
    this.#name = name;
  }

  /** Does the work once no other tab is at it; at once where this one has the turn already. */
  async take(work: () => Promise<void> | void): Promise<void> {
    if (this.#had > 0 || !globalThis.isSecureContext) return await work();
    let isBegun = false;
    const begin = async () => {
      isBegun = true;
      this.#had += 1;
      try {
        await work();
      } finally {
        this.#had -= 1;
      }
    };
    const signal = AbortSignal.timeout(PATIENCE_MS);
    await navigator.locks.request(this.#name, { signal }, begin).catch((error: unknown) => {
      if (isBegun) throw error;
      return begin();
    });
  }
}
