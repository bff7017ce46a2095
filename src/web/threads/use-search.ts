/** What the words in the search box find, asked for once the hand rests. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ApexError } from "../../protocol/errors.ts";
import type { SearchPage } from "../../protocol/history.ts";
import { useSignedIn } from "../client-context.ts";

/** How long the hand rests before the server is asked, in milliseconds. */
const REST_MS = 250;
/** The server looks for nothing shorter. */
const LEAST = 2;
const MESSAGES = 30;

export interface Search {
  /** What was asked for; null where nothing is looked for. */
  readonly words: string | null;
  readonly found: SearchPage | undefined;
  readonly problem: ApexError | null;
}

export function useSearch(typed: string): Search {
  const { client } = useSignedIn();
  const words = useRested(typed.trim());
  const isAsked = words.length >= LEAST;
  const { data, error } = useQuery({
    queryKey: ["search", words],
    queryFn: () => client.threads.search({ q: words, limit: MESSAGES }),
    enabled: isAsked,
    placeholderData: keepPreviousData,
  });
  if (!isAsked || typed.trim().length < LEAST)
    return { words: null, found: undefined, problem: null };
  return { words, found: data, problem: error && ApexError.from(error) };
}

function useRested(value: string): string {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), REST_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return rested;
}
