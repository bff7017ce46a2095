/** All that the pure rooms may lean on besides ECMAScript: web standards that every runtime has. */

declare function setTimeout(callback: () => void, milliseconds?: number): unknown;
declare function clearTimeout(timer: unknown): void;

declare const console: Readonly<Record<"log" | "warn" | "error", (line: string) => void>>;

/** WHATWG DOM §3.2. */
interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}
declare const AbortSignal: { any(signals: readonly AbortSignal[]): AbortSignal };

/** WHATWG DOM §3.1. */
declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}
