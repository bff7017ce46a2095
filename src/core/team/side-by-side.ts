/** Runs generators side by side, as one: each goes on once what it gave was taken, and waits for no other. */

type Source<Value> = AsyncGenerator<Value, void, void>;

type Pull<Value> = { readonly source: Source<Value> } & (
  | { readonly result: IteratorResult<Value, void> }
  | { readonly error: unknown }
);

/**
 * @param begin asked at the start and after whatever was given: the generators that may begin now.
 * @throws what the first that fails throws, once all others that had begun have come to their end.
 */
export async function* sideBySide<Value>(
  begin: () => readonly Source<Value>[],
): AsyncGenerator<Value, void, void> {
  const pulls = new Map<Source<Value>, Promise<Pull<Value>>>();
  const errors: unknown[] = [];
  const pull = (source: Source<Value>) => {
    const pulled = source.next().then(
      (result) => ({ source, result }),
      (error: unknown) => ({ source, error }),
    );
    pulls.set(source, pulled);
  };
  try {
    for (;;) {
      if (errors.length === 0) for (const source of begin()) pull(source);
      if (pulls.size === 0) break;
      const pulled = await Promise.race(pulls.values());
      pulls.delete(pulled.source);
      if ("error" in pulled) {
        errors.push(pulled.error);
      } else if (!pulled.result.done) {
        yield pulled.result.value;
        pull(pulled.source);
      }
    }
  } finally {
    // Nobody waits for those that are left early: each ends where it next gives something.
    for (const source of pulls.keys()) source.return().catch(() => undefined);
  }
  if (errors.length > 0) throw errors[0];
}
