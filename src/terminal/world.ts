/** What the terminal program has of the world around it: the process's, or a test's. */
import { styleText } from "node:util";
import type { Fetch, SocketConstructor } from "../client/index.ts";
import type { Paint } from "./render.ts";

export interface World {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** Aborted when the user interrupts. */
  readonly interrupt: AbortSignal;
  readonly fetch?: Fetch;
  readonly WebSocket?: SocketConstructor;
}

/** @returns colours for a terminal; none for a pipe, or where NO_COLOR asks for none. */
export function painter(stream: NodeJS.WritableStream): Paint {
  return (style, text) => styleText(style, text, { stream });
}
