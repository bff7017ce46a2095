/** The check for a permission. Requests and sockets use the same words when it fails. */
import { ApexError } from "../protocol/errors.ts";
import { permits, type Scope } from "../protocol/scopes.ts";

/** @throws {ApexError} `forbidden`, naming the missing scope, if the scopes do not include the permission. */
export function assertPermitted(scopes: readonly string[], permission: Scope): void {
  if (permits(scopes, permission)) return;
  throw new ApexError("forbidden", `This needs the permission ${permission}.`);
}
