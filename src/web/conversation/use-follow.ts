/** Keeps the end of a log in sight while it grows, until one scrolls away from it. */
import {
  type MouseEvent,
  type UIEvent,
  useCallback,
  useRef,
  useState,
  type WheelEvent,
} from "react";

/** How near the end counts as being there, and how near the beginning, in pixels. */
const NEAR_END = 48;
const NEAR_BEGINNING = 400;

export interface Follow {
  /** Whether it keeps to the end. */
  readonly isFollowing: boolean;
  /** Whether older messages are about to come into sight. */
  readonly isNearBeginning: boolean;
  /** The same, known without waiting for a render. */
  readonly follows: { readonly current: boolean };
  /** Keeps to the end from now on. */
  follow(): void;
  /** Stays where it is from now on. */
  leave(): void;
  onClick(event: MouseEvent): void;
  onScroll(event: UIEvent): void;
  onWheel(event: WheelEvent): void;
}

/** @returns whether to follow, and what notices that one scrolls away or comes back. */
export function useFollow(): Follow {
  const [isFollowing, setFollowing] = useState(true);
  const [isNearBeginning, setNearBeginning] = useState(true);
  const follows = useRef(true);
  const last = useRef({ top: 0, height: 0 });

  const set = useCallback((now: boolean) => {
    follows.current = now;
    setFollowing(now);
  }, []);

  return {
    isFollowing,
    isNearBeginning,
    follows,
    follow: useCallback(() => set(true), [set]),
    leave: useCallback(() => set(false), [set]),
    // Who unfolds something is about to read it: what was pressed stays where it is.
    onClick({ target }) {
      const details = target instanceof Element && target.closest("summary")?.parentElement;
      if (details instanceof HTMLDetailsElement && !details.open) set(false);
    },
    onScroll({ currentTarget: { scrollTop: top, scrollHeight: height, clientHeight } }) {
      const movedUp = top < last.current.top;
      // What changes its height moves by itself: only a person moves what stays as high as it was.
      const sameHeight = height === last.current.height;
      last.current = { top, height };
      setNearBeginning(top < NEAR_BEGINNING);
      if (height - top - clientHeight < NEAR_END) set(true);
      else if (movedUp && sameHeight) set(false);
    },
    onWheel({ deltaY, currentTarget: { scrollTop } }) {
      if (deltaY < 0 && scrollTop > 0) set(false);
    },
  };
}
