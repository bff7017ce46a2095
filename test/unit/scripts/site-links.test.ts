/** The check of the documents' site: a link that leads nowhere is found, and one that leads somewhere is let be. */
import { describe, expect, test } from "vitest";
import { brokenLinks, outsiders } from "../../../scripts/site-links.ts";

const page = (body: string) => `<!DOCTYPE html><html><body>${body}</body></html>`;

function site(pages: Readonly<Record<string, string>>, ...files: string[]) {
  const told = Object.entries(pages).map(([path, body]) => [path, page(body)] as const);
  return { pages: new Map(told), files: new Set(files) };
}

describe("a link is broken", () => {
  test.each([
    ["to a page that is not there", '<a href="gone.html">x</a>', "gone.html: no such file"],
    ["to an anchor of its own page", '<a href="#gone">x</a>', "#gone: no such anchor"],
    [
      "to an anchor of another page",
      '<a class="b" href="docs/b.html#gone">x</a>',
      "docs/b.html#gone: no such anchor",
    ],
    ["to a picture", '<img alt="" src="media/gone.png">', "media/gone.png: no such file"],
    ["to a style", '<link rel="stylesheet" href="gone.css"/>', "gone.css: no such file"],
  ])("%s", (_, body, said) => {
    const pages = { "index.html": body, "docs/b.html": '<h2 id="there">B</h2>' };
    expect(brokenLinks(site(pages))).toEqual([`index.html links to ${said}`]);
  });
});

test("links to what is there, up, down, by escapes and out of the site, are let be", () => {
  const pages = {
    "index.html":
      '<a href="docs/b.html#what-it&#39;s-for">1</a><a href="https://example.com/#x">2</a><script src="assets/main.js?v=1"></script>',
    "docs/b.html":
      '<h2 id="what-it\'s-for">B</h2><a href="../index.html">1</a><a href="../">2</a><a href="#">3</a>',
  };
  expect(brokenLinks(site(pages, "assets/main.js"))).toEqual([]);
});

test("what a page loads from elsewhere is told, and where it only leads is not", () => {
  const body =
    '<script src="https://cdn.example.com/a.js"></script><a href="https://example.com">x</a><link rel="stylesheet" href="//fonts.example.com/a.css">';
  expect(outsiders(site({ "index.html": body }))).toEqual([
    "index.html loads https://cdn.example.com/a.js",
    "index.html loads //fonts.example.com/a.css",
  ]);
});
