/** A browser as far as cookies go: it keeps those an answer sets, and sends them where their paths say. */
import { Credentials } from "../../../src/protocol/api.ts";
import { type Asked, ask } from "./ask.ts";
import { knock } from "./knock.ts";

export const ACCESS = "__Host-apex-access";
export const REFRESH = "__Secure-apex-refresh";
export const CSRF = "__Host-apex-csrf";

/** @returns the Set-Cookie lines of an answer, each as its name, its value and its attributes. */
export function cookiesOf(response: Response) {
  return response.headers.getSetCookie().map((line) => {
    const [pair = "", ...attributes] = line.split("; ");
    const equals = pair.indexOf("=");
    return { name: pair.slice(0, equals), value: pair.slice(equals + 1), attributes };
  });
}

export class Browser {
  readonly #cookies = new Map<string, string>();

  /** @returns a browser in which somebody new signed in. */
  static async signedIn(email: string): Promise<Browser> {
    const browser = new Browser();
    const response = await browser.ask("/api/auth/dev-login", { body: { email } });
    Credentials.parse(await response.json());
    return browser;
  }

  /** The value of a cookie, or an empty string for none. */
  cookie(name: string): string {
    return this.#cookies.get(name) ?? "";
  }

  /** Has the browser keep a cookie, as one that was planted; an empty one is removed. */
  keep(name: string, value: string): void {
    if (value === "") this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }

  /** Asks with the cookies, and with the CSRF token unless headers say something else. */
  async ask(path: string, asked: Asked = {}): Promise<Response> {
    const csrf = this.cookie(CSRF);
    const own = { ...(csrf !== "" && { "x-csrf-token": csrf }), cookie: this.#header(path) };
    const response = await ask(path, { ...asked, headers: { ...own, ...asked.headers } });
    for (const { name, value } of cookiesOf(response)) this.keep(name, value);
    return response;
  }

  /** Asks for a socket. */
  knock(path: string, headers: Record<string, string>): Promise<Response> {
    return knock(path, { headers: { cookie: this.#header(path), ...headers } });
  }

  #header(path: string): string {
    const sent = [...this.#cookies].filter(
      ([name]) => name !== REFRESH || path.startsWith("/api/auth"),
    );
    return sent.map(([name, value]) => `${name}=${value}`).join("; ");
  }
}
