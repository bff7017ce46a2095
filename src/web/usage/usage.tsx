/** The usage that the answers stand on: brought in from files, with a preview first. */
import { useWords } from "../words/words.ts";

/** A lazily loaded view, so a default export. */
export default function Usage() {
  return <h2>{useWords().usage.title}</h2>;
}
