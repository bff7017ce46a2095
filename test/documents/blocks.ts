/** The blocks of commands in the documents: whoever runs one of them finds it here. */
import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

export const ROOT = resolve(import.meta.dirname, "../..");

/** Every document that people read. */
export const DOCUMENTS: readonly string[] = globSync(["*.md", "docs/**/*.md"], {
  cwd: ROOT,
}).toSorted();

/** A fenced block of a document. */
export interface Block {
  /** From the root of the repository. */
  readonly document: string;
  readonly language: string;
  readonly text: string;
}

/** @returns every fenced block of every document, in order. */
export function allBlocks(): Block[] {
  return DOCUMENTS.flatMap((document) =>
    [...textOf(document).matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(
      ([, language = "", text = ""]) => ({ document, language, text }),
    ),
  );
}

/** @returns the one block of a document in a language that holds the words. @throws where it is not one. */
export function blockOf(document: string, language: string, words: string): string {
  const found = allBlocks().filter(
    (block) =>
      block.document === document && block.language === language && block.text.includes(words),
  );
  const [block] = found;
  if (block === undefined || found.length > 1)
    throw new Error(`${found.length} blocks of ${language} in ${document} hold "${words}".`);
  return block.text;
}

/** @returns a document as it stands. */
export function textOf(document: string): string {
  return readFileSync(resolve(ROOT, document), "utf8");
}
