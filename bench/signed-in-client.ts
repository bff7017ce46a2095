/** The SDK of a user who has signed in already, so that a bench asks for a token once. */
import { ApexClient } from "../src/client/index.ts";
import type { Person } from "../test/e2e/person.ts";

type Fetch = NonNullable<ConstructorParameters<typeof ApexClient>[0]["fetch"]>;

/** The share of a token's life after which it is renewed, in milliseconds of each of its seconds. */
const RENEWED_AFTER_MS = 500;

/**
 * @param baseUrl of the product, or of the network that lies before it: sockets are dialled there.
 * @param fetch carries its requests, each addressed to that same base.
 */
export function signedInClient(
  { credentials }: Pick<Person, "credentials">,
  baseUrl: string,
  fetch: Fetch,
): ApexClient {
  const { expires_in, ...rest } = credentials;
  let held: unknown = { ...rest, renew_at: Date.now() + expires_in * RENEWED_AFTER_MS };
  const store = {
    load: () => Promise.resolve(held),
    save: async (next: unknown) => {
      held = next;
    },
    clear: async () => {
      held = null;
    },
  };
  return new ApexClient({ baseUrl, store, fetch });
}
