/** Everything a person can look after: who they are, where they are signed in, keys, servers, limits. */
import { useWords } from "../words/words.ts";

/** A lazily loaded view, so a default export. */
export default function Settings(_: { readonly section: string | undefined }) {
  return <h2>{useWords().settings.title}</h2>;
}
