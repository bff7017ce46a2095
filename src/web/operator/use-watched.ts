/** What the operator's page looks at again and again, for as long as it is in front. */
import { type UseQueryResult, useQuery } from "@tanstack/react-query";

/** How often, in milliseconds: isolates report every 15 seconds at most. */
const EVERY_MS = 10_000;
/** The key of all that is watched, before a name of its own. */
export const WATCHED = "operator";

/** @param previous what was read before, where anything was. */
export function useWatched<Data>(
  name: string,
  read: (previous: Data | undefined) => Promise<Data>,
): UseQueryResult<Data> {
  const queryKey = [WATCHED, name];
  return useQuery({
    queryKey,
    queryFn: ({ client }) => read(client.getQueryData<Data>(queryKey)),
    staleTime: 0,
    refetchInterval: EVERY_MS,
  });
}
