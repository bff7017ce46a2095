/** The page without a thread: what one can begin. */
import { useEffect, useRef } from "react";
import { useWords } from "./words/words.ts";

export function Home() {
  const { frame } = useWords();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className="welcome">
      <h2 ref={heading} tabIndex={-1}>
        {frame.home}
      </h2>
      <p>{frame.homeHint}</p>
    </div>
  );
}
