/** Code in an answer: in which language, coloured, and to be copied. */

import type { ComponentProps } from "react";
import type { ExtraProps } from "react-markdown";
import { Wide } from "../design/wide.tsx";
import { useWords } from "../words/words.ts";
import { CopyButton } from "./copy-button.tsx";

type Node = NonNullable<ExtraProps["node"]>["children"][number];

export function CodeBlock({ node, children }: ComponentProps<"pre"> & ExtraProps) {
  const { conversation } = useWords();
  const language = node === undefined ? "" : languageOf(node);
  return (
    <figure className="code">
      <figcaption>
        <span>{language}</span>
        <CopyButton name={conversation.copyCode} textOf={() => (node ? textOf(node) : "")} />
      </figcaption>
      <Wide label={conversation.code(language)}>
        <pre>{children}</pre>
      </Wide>
    </figure>
  );
}

function textOf(node: Node): string {
  if (node.type === "text") return node.value;
  return "children" in node ? node.children.map(textOf).join("") : "";
}

/** @returns the language as the model named it, or nothing. */
function languageOf(node: Node): string {
  const code = "children" in node ? node.children[0] : undefined;
  const names = code?.type === "element" ? code.properties.className : undefined;
  if (!Array.isArray(names)) return "";
  const name = names.map(String).find((each) => each.startsWith("language-"));
  return name?.slice("language-".length) ?? "";
}
