/** The documents as pages of the site: called by their own headings, and grouped by what one reads them for. */
import { Converter } from "typedoc";

/** By the file's path from the root of the repository, without its ending; the first that fits. */
const GROUPS = [
  [/^docs\/(analysis|doors|sdk|mcp-servers|page)$/, "Use"],
  [/^docs\/(deploy|operate|runbooks|security)$/, "Run"],
  [/^docs\/(bench|cost|load|scale)$/, "Measure"],
  [/./, "Understand"],
];

/** @param {import("typedoc").Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => {
    const group = GROUPS.find(([path]) => path.test(document.name))?.[1];
    document.frontmatter.group = group;
    document.name = headingOf(document) ?? document.name;
  });
}

/** @param {import("typedoc").DocumentReflection} document */
function headingOf({ content }) {
  const text = content.map((part) => part.text).join("");
  return /^# (.+)$/m.exec(text)?.[1]?.replaceAll("`", "");
}
