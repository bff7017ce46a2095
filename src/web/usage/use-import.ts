/** The person's import, which goes on while they look at something else. */
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { type SignedIn, useSignedIn } from "../client-context.ts";
import type { ImportState } from "./import-state.ts";
import { ImportWork } from "./import-work.ts";

/** The key of the query of imports. */
export const IMPORTS = "imports";

export interface Import {
  readonly state: ImportState;
  readonly work: ImportWork;
}

/** One for each person signed in, as their queries are. */
const works = new WeakMap<QueryClient, ImportWork>();

function workOf(queries: QueryClient, { client, user }: SignedIn): ImportWork {
  const known = works.get(queries);
  if (known) return known;
  const onStored = () =>
    Promise.all(
      ["usage-extent", IMPORTS].map((key) => queries.invalidateQueries({ queryKey: [key] })),
    );
  const work = new ImportWork({ client, userId: user.id, onStored });
  works.set(queries, work);
  return work;
}

/** @returns the import as it stands, and as it changes. */
export function useImport(): Import {
  const work = workOf(useQueryClient(), useSignedIn());
  return { state: useSyncExternalStore(work.subscribe, work.state), work };
}
