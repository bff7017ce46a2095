/** How often a socket may command: a client that never stops is told so, and then let go. */
import { FixedWindow } from "../core/quota.ts";

/** Commands a minute a socket; whoever sends twice as many all the same loses it. */
export const MAX_COMMANDS = 600;

const MINUTE_MS = 60_000;

/** Counted in memory: a thread that slept had nobody who sends without end. */
export class CommandRate {
  readonly #windows = new WeakMap<WebSocket, FixedWindow>();

  /** Counts a command. @returns what becomes of it: it is carried out, refused, or ends its socket. */
  count(socket: WebSocket, now: number): "within" | "beyond" | "abuse" {
    const window = this.#windows.get(socket) ?? new FixedWindow(MINUTE_MS);
    this.#windows.set(socket, window);
    window.spend(now);
    const used = window.used(now);
    if (used <= MAX_COMMANDS) return "within";
    return used <= 2 * MAX_COMMANDS ? "beyond" : "abuse";
  }
}
