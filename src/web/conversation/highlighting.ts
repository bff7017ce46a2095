/** Colours for code, loaded when the first code is there to be coloured. */
import { useEffect, useState } from "react";
import type { Options } from "react-markdown";

type Plugins = NonNullable<Options["rehypePlugins"]>;

const NONE: Plugins = [];
let loaded: Plugins = NONE;

/** @returns the plugin that colours code, as soon as it is here; nothing where it is not wanted. */
export function useHighlighting(isWanted: boolean): Plugins {
  const [isHere, setHere] = useState(loaded !== NONE);
  const isMissing = isWanted && !isHere;
  useEffect(() => {
    if (!isMissing) return;
    let isShown = true;
    void load().then(() => {
      if (isShown) setHere(loaded !== NONE);
    });
    return () => {
      isShown = false;
    };
  }, [isMissing]);
  return isWanted && isHere ? loaded : NONE;
}

/** Where it cannot be loaded, code stays plain. */
async function load(): Promise<void> {
  try {
    loaded = [(await import("rehype-highlight")).default];
  } catch {
    loaded = NONE;
  }
}
