/** One of a crowd: a user who is signed in, and whose sockets can be cut while their requests go through. */
import type { ApexClient } from "../../src/client/index.ts";
import { startCuttingProxy } from "../../test/e2e/cutting-proxy.ts";
import { newPerson, type Person } from "../../test/e2e/person.ts";
import { signedInClient } from "../signed-in-client.ts";

export interface Member {
  readonly person: Person;
  readonly client: ApexClient;
  /** Cuts every socket of theirs; their client comes back by itself. */
  cut(): void;
  /** Takes down what lies between them and the product. */
  leave(): Promise<void>;
}

/** @returns a new user whose sockets nothing cuts. */
export async function join(url: string): Promise<Member> {
  const person = await newPerson(url);
  const client = signedInClient(person, url, fetch);
  return { person, client, cut: () => undefined, leave: () => Promise.resolve() };
}

/** @returns a new user whose sockets go by a proxy of their own. */
export async function joinByProxy(url: string): Promise<Member> {
  const person = await newPerson(url);
  const proxy = await startCuttingProxy(url, []);
  const client = signedInClient(person, proxy.url, (address, init) =>
    fetch(address.replace(proxy.url, url), init),
  );
  return { person, client, cut: proxy.cutAll, leave: () => proxy.close() };
}
