/** The Markdown of a report: its words alone, of which nothing runs, loads or leads away. */
import Markdown from "react-markdown";
import { readGfm } from "../conversation/gfm.ts";

const PLUGINS = [readGfm];
const NEVER_SHOWN = ["img", "a"];

export function Prose({ text }: { readonly text: string }) {
  return (
    <div className="markdown">
      <Markdown remarkPlugins={PLUGINS} disallowedElements={NEVER_SHOWN} unwrapDisallowed>
        {text}
      </Markdown>
    </div>
  );
}
