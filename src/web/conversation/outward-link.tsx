/** A link of an answer: it opens beside the page, and says before where it leads. */
import type { ComponentProps } from "react";
import { useWords } from "../words/words.ts";

/** Web and mail addresses alone are links; whatever else a model links to stays text. */
export function OutwardLink({ href, children }: ComponentProps<"a">) {
  const { conversation } = useWords();
  const place = placeOf(href);
  if (place === null) return children;
  const tellsItself = children === href || children === place;
  return (
    <a className="outward" href={href} target="_blank" rel="noopener noreferrer">
      <bdi>{children}</bdi>
      {!tellsItself && (
        <>
          {" "}
          <bdi className="place">{conversation.leadsTo(place)}</bdi>
        </>
      )}
    </a>
  );
}

/** @returns the host, letter by letter where it is of look-alikes, or the mail address; null for others. */
function placeOf(href: string | undefined): string | null {
  const url = href !== undefined && URL.canParse(href) ? new URL(href) : null;
  switch (url?.protocol) {
    case "https:":
    case "http:":
      return url.host;
    case "mailto:":
      return url.pathname;
    default:
      return null;
  }
}
