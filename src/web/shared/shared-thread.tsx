/** A thread as its owner shared it: anyone with the link can read it, and do nothing else. */
import "../conversation/conversation.css";
import "./shared.css";
import { memo } from "react";
import { Link } from "wouter";
import type { ApexClient } from "../../client/index.ts";
import type { SharedMessage } from "../../protocol/sharing.ts";
import { AnswerText } from "../conversation/answer-text.tsx";
import { useDocumentTitle } from "../frame/use-document-title.ts";
import { Loading } from "../loading.tsx";
import { PATTERNS } from "../paths.ts";
import { ProblemNote } from "../problem-note.tsx";
import { useWords } from "../words/words.ts";
import { useSharedThread } from "./use-shared-thread.ts";

interface Props {
  readonly client: ApexClient;
  readonly token: string;
}

/** A lazily loaded view, so a default export. */
export default function SharedThread({ client, token }: Props) {
  const { shared: words, frame, locale } = useWords();
  const { thread, messages, pending, problem, readOn } = useSharedThread(client, token);
  useDocumentTitle(thread === null ? null : (thread.title ?? words.title));
  const isGone = problem?.code === "not_found";

  return (
    <div className="shared">
      <header className="shared-bar">
        <span className="brand">{frame.product}</span>
        <Link className="button primary" href={PATTERNS.home}>
          {words.begin}
        </Link>
      </header>
      <main className="shared-view">
        {thread === null && pending && <Loading />}
        {thread === null && problem !== null && (
          <>
            <h1>{isGone ? words.gone : words.failedToLoad}</h1>
            {isGone ? <p>{words.goneHint}</p> : <ProblemNote problem={problem} />}
          </>
        )}
        {thread !== null && (
          <>
            <h1>{thread.title ?? words.title}</h1>
            <p className="hint">{words.readOnly(dateOf(thread.shared_at, locale))}</p>
            {messages.length === 0 && <p>{words.nothing}</p>}
            <section aria-label={words.conversation}>
              <h2 className="visually-hidden">{words.conversation}</h2>
              {messages.map((message) => (
                <SharedItem key={message.seq} message={message} />
              ))}
            </section>
            <ProblemNote problem={problem} />
          </>
        )}
        {readOn && !isGone && (
          <button type="button" disabled={pending} onClick={readOn}>
            {thread === null ? words.again : words.loadMore}
          </button>
        )}
      </main>
    </div>
  );
}

const SharedItem = memo(function SharedItem({ message }: { readonly message: SharedMessage }) {
  const { shared: words } = useWords();
  const isAnswer = message.role === "assistant";
  return (
    <article
      className={`message ${message.role}`}
      aria-label={isAnswer ? words.answered : words.asked}
    >
      {isAnswer ? (
        <AnswerText text={message.content} run={undefined} />
      ) : (
        <div className="text">{message.content}</div>
      )}
      {message.status === "failed" && <p className="hint">{words.failed}</p>}
      {message.status === "cancelled" && <p className="hint">{words.stopped}</p>}
    </article>
  );
});

function dateOf(at: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "long" }).format(new Date(at));
}
