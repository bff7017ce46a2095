/** Whether a binding has the database that it had before, by what each database remembers of itself. */

/** A binding, and that which its database was first used by; null where it was never used. */
export interface MarkedBinding {
  readonly binding: string;
  readonly mark: string | null;
}

/** @returns where databases have changed places: a sentence each, with what to put back. */
export function misplaced(bindings: readonly MarkedBinding[]): string[] {
  return bindings.flatMap(({ binding, mark }) =>
    mark === null || mark === binding
      ? []
      : `${binding} is bound to the database that is in use as ${mark}: put its own database_id back`,
  );
}
