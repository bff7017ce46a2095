/** The open thread's wire in a component: drawn anew at most once a frame of the screen. */
import { useCallback, useSyncExternalStore } from "react";
import { FRAMES, type Wire } from "./frame-log.ts";

/** @returns what came over the wire so far. */
export function useWire(): Wire {
  const subscribe = useCallback((changed: () => void) => {
    let drawing: number | null = null;
    const unsubscribe = FRAMES.subscribe(() => {
      drawing ??= requestAnimationFrame(() => {
        drawing = null;
        changed();
      });
    });
    return () => {
      unsubscribe();
      if (drawing !== null) cancelAnimationFrame(drawing);
    };
  }, []);
  return useSyncExternalStore(subscribe, FRAMES.read);
}
