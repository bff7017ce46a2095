/** The refusal of what somebody is not permitted, worded once for requests and sockets. */
import { ApexError } from "../protocol/errors.ts";
import { permits, type Scope } from "../protocol/scopes.ts";

/** @throws {ApexError} `forbidden`, naming what is missing, where the scopes do not permit what is asked for. */
export function assertPermitted(scopes: readonly string[], permission: Scope): void {
  if (permits(scopes, permission)) return;
  throw new ApexError("forbidden", `This needs the permission ${permission}.`);
}
