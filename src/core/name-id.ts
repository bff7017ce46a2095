/** Identifiers that follow from what they name, so that the same thing has the same one everywhere. */
import { v5 } from "uuid";

/** Ours alone: the names of others can't meet it. */
const NAMESPACE = "6f1c2d0e-6a1b-5d7e-9c55-0b8f3f7a9e41";

/** @returns the identifier of what these parts name together (UUIDv5, RFC 9562). */
export function nameId(...parts: readonly unknown[]): string {
  return v5(JSON.stringify(parts), NAMESPACE);
}
