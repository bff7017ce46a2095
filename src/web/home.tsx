/** The page without a thread: what one can ask, and the box to ask it in. */
import "./conversation/conversation.css";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { Link, useLocation } from "wouter";
import { useAttempt } from "./attempt.ts";
import { useSignedIn } from "./client-context.ts";
import { Composer } from "./conversation/composer.tsx";
import { Examples } from "./conversation/examples.tsx";
import { keptWords, newClientMessageId } from "./conversation/kept-words.ts";
import { useDraft } from "./conversation/use-draft.ts";
import { ArrowUpIcon } from "./design/icons.tsx";
import { PATTERNS, pathOf } from "./paths.ts";
import { ProblemNote } from "./problem-note.tsx";
import { useWords } from "./words/words.ts";

export function Home() {
  const { frame, conversation } = useWords();
  const { client, user } = useSignedIn();
  const queries = useQueryClient();
  const [, goTo] = useLocation();
  const draft = useDraft(null);
  const { pending, problem, run } = useAttempt();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);

  /** The question waits in the new thread, which sends it as soon as it is open. */
  const begin = (content: string) =>
    run(async () => {
      const { id } = await client.threads.create();
      const question = { id: newClientMessageId(), content, replaces: null, refusal: null };
      keptWords(user.id, id).add(question);
      if (content === draft.text) draft.write("");
      void queries.invalidateQueries({ queryKey: ["threads"] });
      goTo(pathOf(id));
    });

  return (
    <div className="welcome home">
      <h2 ref={heading} tabIndex={-1}>
        {frame.home}
      </h2>
      <p>
        {frame.homeHint} <Link href={PATTERNS.usage}>{frame.homeImport}</Link>
      </p>
      <Composer
        text={draft.text}
        onChange={draft.write}
        onSend={(text) => void begin(text)}
        name={conversation.yourQuestion}
        action={<ArrowUpIcon />}
        actionName={conversation.ask}
        hint={conversation.hint}
        isAboutKeys
        isPending={pending}
      />
      <ProblemNote problem={problem} />
      <Examples isPending={pending} onChoose={(question) => void begin(question)} />
    </div>
  );
}
