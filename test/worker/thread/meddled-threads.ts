/** The real Thread objects as requests reach them, but for one of their calls, which goes as a test wants. */
import { env } from "cloudflare:workers";

/** @param act carries the call out. @param argument what the object is given. */
type Meddling = (act: () => Promise<unknown>, argument: unknown) => Promise<unknown>;

export class MeddledThreads {
  /** The objects that were reached, each once. */
  readonly names: string[] = [];
  /** To be given to the app in place of the real bindings. */
  readonly bindings = { THREADS: { getByName: (name: string) => this.#object(name) } };
  readonly #method: string;
  readonly #meddle: Meddling;

  constructor(method: string, meddle: Meddling) {
    this.#method = method;
    this.#meddle = meddle;
  }

  #object(name: string): object {
    if (!this.names.includes(name)) this.names.push(name);
    return new Proxy(
      {},
      {
        get: (_, method) => (argument: unknown) => {
          const act = async (): Promise<unknown> => {
            // A new stub each time, because one that saw its object die stays broken.
            const object = env.THREADS.getByName(name);
            return await Reflect.apply(Reflect.get(object, method), object, [argument]);
          };
          return method === this.#method ? this.#meddle(act, argument) : act();
        },
      },
    );
  }
}
