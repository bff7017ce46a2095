/** What a search has found: threads by their titles, messages by what they say. */
import type { ReactNode } from "react";
import { Link } from "wouter";
import { messagePath, pathOf } from "../paths.ts";
import { ProblemNote } from "../problem-note.tsx";
import { useWords } from "../words/words.ts";
import { useThreadActions } from "./threads-context.ts";
import type { Search } from "./use-search.ts";
import { useTitleOf } from "./use-title-of.ts";

export function SearchResults({ search }: { readonly search: Search }) {
  const { threads: words } = useWords();
  const titleOf = useTitleOf();
  const { hidden } = useThreadActions();
  const threads = search.found?.threads.filter(({ id }) => !hidden.has(id)) ?? [];
  const messages = search.found?.data.filter(({ thread_id }) => !hidden.has(thread_id)) ?? [];
  return (
    <>
      <p className="hint" role="status">
        {statusOf()}
      </p>
      <ProblemNote problem={search.problem} />
      <Results name={words.foundThreads}>
        {threads.map((thread) => (
          <li key={thread.id}>
            <Link href={pathOf(thread.id)} data-row>
              <Marked text={titleOf(thread)} words={search.words ?? ""} />
            </Link>
          </li>
        ))}
      </Results>
      <Results name={words.foundMessages}>
        {messages.map((message) => (
          <li key={message.message_id}>
            <Link
              href={messagePath(message.thread_id, message.message_id)}
              data-row
              className="found"
            >
              <span className="found-where">
                {message.role === "user" ? words.you : words.product} ·{" "}
                {titleOf({ title: message.thread_title })}
              </span>
              <span className="found-text">
                <Marked text={message.snippet} words={search.words ?? ""} />
              </span>
            </Link>
          </li>
        ))}
      </Results>
    </>
  );

  function statusOf(): string {
    if (search.problem !== null) return "";
    if (search.found === undefined) return words.searching;
    if (threads.length + messages.length === 0) return words.foundNothing(search.words ?? "");
    return words.found(threads.length, messages.length);
  }
}

function Results(props: { readonly name: string; readonly children: ReactNode[] }) {
  if (props.children.length === 0) return null;
  return (
    <section aria-label={props.name}>
      <h2 className="group-name">{props.name}</h2>
      <ul aria-label={props.name}>{props.children}</ul>
    </section>
  );
}

/** Shows where a text holds the words that were looked for. */
function Marked({ text, words }: { readonly text: string; readonly words: string }) {
  return cutAtWords(text, words).map(({ piece, isFound, at }) =>
    isFound ? <b key={at}>{piece}</b> : <span key={at}>{piece}</span>,
  );
}

/** What means something else in a pattern. */
const SPECIAL = /[\\^$.*+?()[\]{}|]/g;

interface Piece {
  readonly piece: string;
  readonly isFound: boolean;
  readonly at: number;
}

/** @returns the text in pieces: those that are one of the words, in any case, and what is between. */
export function cutAtWords(text: string, words: string): readonly Piece[] {
  const each = words.split(/\s+/).filter((word) => word !== "");
  if (each.length === 0) return [{ piece: text, isFound: false, at: 0 }];
  const pattern = new RegExp(
    `(${each.map((word) => word.replace(SPECIAL, "\\$&")).join("|")})`,
    "giu",
  );
  let at = 0;
  return text.split(pattern).flatMap((piece, index) => {
    const found = { piece, isFound: index % 2 === 1, at };
    at += piece.length;
    return piece === "" ? [] : [found];
  });
}
