/** The words of this room, which come with it. */
import { useSuspenseQuery } from "@tanstack/react-query";
import { useWords, type Words } from "../words/words.ts";

type OperatorWords = Awaited<ReturnType<Words["operator"]>>["operator"];

/** @returns the words; the view waits for them the first time. */
export function useOperatorWords(): OperatorWords {
  const { locale, operator } = useWords();
  const { data } = useSuspenseQuery({
    queryKey: ["operator-words", locale],
    queryFn: async () => (await operator()).operator,
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  });
  return data;
}
