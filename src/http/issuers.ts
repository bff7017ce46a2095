/** The external issuers that this deployment trusts, created once per isolate. */
import { ExternalIssuers } from "../auth/external-issuers.ts";
import { VouchedUsers } from "../auth/vouched-users.ts";
import { systemClock } from "../core/clock.ts";
import type { Config } from "../env.ts";
import { openDatabase } from "../store/database.ts";
import { Identities } from "../store/identities.ts";
import type { RequestContext } from "./router.ts";

const composed = new WeakMap<Config, ExternalIssuers>();

/** @returns the issuers, with their caches of keys and users. */
export function externalIssuersOf({ env, var: { config } }: RequestContext): ExternalIssuers {
  const known = composed.get(config);
  if (known !== undefined) return known;
  const issuers = new ExternalIssuers({
    issuers: config.trustedIssuers,
    users: new VouchedUsers(new Identities(openDatabase(env.DB)), systemClock),
    fetch: (request) => fetch(request),
    clock: systemClock,
  });
  composed.set(config, issuers);
  return issuers;
}
