/** A thread as its owner shared it: to be read by whoever has the link. */
import { useWords } from "../words/words.ts";

/** A lazily loaded view, so a default export. */
export default function SharedThread(_: { readonly token: string }) {
  return <h2>{useWords().shared.title}</h2>;
}
