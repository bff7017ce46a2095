/** What is newest, for handlers that stay the same while it changes. */
import { type RefObject, useLayoutEffect, useRef } from "react";

/** @returns a reference that stays the same, to the value of the last render. */
export function useLatest<Value>(value: Value): RefObject<Value> {
  const latest = useRef(value);
  useLayoutEffect(() => {
    latest.current = value;
  });
  return latest;
}
