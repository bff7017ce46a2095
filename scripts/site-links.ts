/** Finds broken links in a static site. */
import { posix } from "node:path";

/** The pages of a site by their paths, and the paths of its other files. */
export interface Site {
  readonly pages: ReadonlyMap<string, string>;
  readonly files: ReadonlySet<string>;
}

const LINK = /<(?:a|link|img|script|source)\b[^>]*?\s(?:href|src|srcset)="([^"]*)"/g;
const ANCHOR = /\s(?:id|name)="([^"]+)"/g;

/** Schemes that lead out of the site. What is loaded from there is another matter: see {@link outsiders}. */
const OUTWARD = /^(?:[a-z]+:|\/\/)/i;

/** @returns a sentence for each link to a page, a file or an anchor that is not there. */
export function brokenLinks({ pages, files }: Site): string[] {
  const anchors = new Map(
    [...pages].map(([path, html]) => [path, new Set(all(html, ANCHOR).map(plain))]),
  );
  return [...pages].flatMap(([path, html]) =>
    all(html, LINK)
      .map(plain)
      .filter((link) => link !== "" && !OUTWARD.test(link))
      .flatMap((link) => {
        const [file = "", anchor = ""] = link.split("#");
        const [name = ""] = file.split("?");
        const to = name === "" ? path : pageAt(posix.join(posix.dirname(path), decodeURI(name)));
        if (!pages.has(to) && !files.has(to)) return [`${path} links to ${link}: no such file`];
        const known = anchors.get(to);
        const isThere = anchor === "" || known?.has(decodeURIComponent(anchor)) !== false;
        return isThere ? [] : [`${path} links to ${link}: no such anchor`];
      }),
  );
}

/** @returns a sentence for each script, style or picture that a page loads from another site. */
export function outsiders({ pages }: Site): string[] {
  const loaded =
    /<(?:script|img|source|link\b[^>]*rel="stylesheet")[^>]*?\s(?:src|srcset|href)="((?:https?:)?\/\/[^"]*)"/g;
  return [...pages].flatMap(([path, html]) =>
    all(html, loaded).map((from) => `${path} loads ${from}`),
  );
}

/** A directory is its index. */
function pageAt(path: string): string {
  return path === "." || path.endsWith("/") ? posix.join(path, "index.html") : path;
}

function all(html: string, pattern: RegExp): string[] {
  return [...html.matchAll(pattern)].map(([, found = ""]) => found);
}

/** What an attribute says, its escapes undone. */
function plain(attribute: string): string {
  return attribute.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");
}
