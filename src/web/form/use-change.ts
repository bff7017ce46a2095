/** One change on the server: made, and then everything that shows it is read anew. */
import { useMutation, useQueryClient } from "@tanstack/react-query";

/** @param keys the queries that show it. */
export function useChange<Result, Given = void>(
  change: (given: Given) => Promise<Result>,
  ...keys: readonly string[]
) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => Promise.all(keys.map((key) => queries.invalidateQueries({ queryKey: [key] }))),
  });
}
