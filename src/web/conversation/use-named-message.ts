/** The message that the address names after its `#`: brought into sight, with the older ones before it. */
import { useEffect, useEffectEvent } from "react";
import { useLocationProperty } from "wouter/use-browser-location";
import type { MessageView } from "../../protocol/thread-view.ts";

interface NamedMessageParts {
  readonly messages: readonly MessageView[];
  /** Asks for older messages; null where there is none, or they are on their way. */
  readonly loadMore: (() => void) | null;
  /** Shows the message at an index. */
  readonly show: (index: number) => void;
}

/** @returns the id that the address names, or null. */
export function useNamedMessage({ messages, loadMore, show }: NamedMessageParts): string | null {
  const hash = useLocationProperty(() => location.hash);
  const named = hash === "" ? null : hash.slice(1);
  const index = named === null ? -1 : messages.findIndex(({ id }) => id === named);
  const [isThere, first] = [index !== -1, messages[0]?.id];

  const find = useEffectEvent(() => {
    if (index !== -1) show(index);
    else if (first !== undefined) loadMore?.();
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page of messages may hold it
  useEffect(() => {
    if (named !== null) find();
  }, [named, isThere, isThere ? null : first]);

  return named;
}
