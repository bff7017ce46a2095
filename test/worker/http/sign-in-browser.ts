/** A browser as sign-in needs one: it keeps cookies, and follows redirects when it is told to. */
import { type Asked, ask } from "./ask.ts";

/** Set by the callback where somebody is signed in. */
export const ACCESS_COOKIE = "__Host-apex-access";
export const ATTEMPT_COOKIE = "__Host-apex-sign-in";

export class SignInBrowser {
  readonly cookies = new Map<string, string>();
  readonly #bindings: object;

  constructor(bindings: object) {
    this.#bindings = bindings;
  }

  /** Goes to an address of the product, as a person does. */
  async visit(url: string | URL, asked: Asked = {}): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await ask(url.toString(), {
      ...asked,
      bindings: this.#bindings,
      headers: { accept: "text/html", ...(cookie && { cookie }), ...asked.headers },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }

  /** @returns where it is sent. */
  async follow(url: string | URL, asked: Asked = {}): Promise<string> {
    const response = await this.visit(url, asked);
    const location = response.headers.get("location");
    if (location === null) throw new Error(`${response.status}: ${await response.text()}`);
    return location;
  }

  get isSignedIn(): boolean {
    return this.cookies.has(ACCESS_COOKIE);
  }
}
