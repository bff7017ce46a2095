/** What the command lines of all programs have in common: the server, who asks, and how a mistake is told. */

/** What is asked of a program: to do something, to tell how it is used, or something it does not know. */
export type Parsed<Options> =
  | { readonly kind: "options"; readonly options: Options }
  | { readonly kind: "help" }
  | Mistake;

interface Mistake {
  readonly kind: "mistake";
  readonly mistake: string;
}

/** Which server is spoken to, and as whom. */
export interface ServerOptions {
  readonly url: string;
  readonly email: string;
  /** Sign in by password instead of the development login. */
  readonly login: boolean;
}

/** @param environment where `APEX_URL` may stand. @returns {@link ServerOptions} and `--help`, for `parseArgs`. */
export function serverArguments(environment: Readonly<Record<string, string | undefined>>) {
  return {
    url: { type: "string", default: environment.APEX_URL || "http://127.0.0.1:8787" },
    email: { type: "string", default: "developer@example.com" },
    login: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  } as const;
}

export function isWebAddress(url: string): boolean {
  return /^https?:\/\/[^/]/.test(url);
}

export function mistake(text: string): Mistake {
  return { kind: "mistake", mistake: text };
}

/** @returns what `parseArgs` did not understand, in a line. @throws whatever else went wrong. */
export function mistakeOf(error: unknown): Mistake {
  if (!(error instanceof TypeError)) throw error;
  return mistake(error.message.replace(/\. To specify .*$/s, "."));
}
