/** GitHub's Markdown for reading alone: remark-gfm brings the writing of it too, which nobody here does. */
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import type {} from "remark-parse";
import type { Processor } from "unified";

const OPTIONS = { singleTilde: false };

/** A plugin of remark's parser (GFM: tables, strikethrough, task lists, footnotes, bare links). */
export function readGfm(this: Processor): void {
  const data = this.data();
  data.micromarkExtensions = [...(data.micromarkExtensions ?? []), gfm(OPTIONS)];
  data.fromMarkdownExtensions = [...(data.fromMarkdownExtensions ?? []), gfmFromMarkdown()];
}
