/** Shown to users who may not operate the platform, with a way to retry after the permission was granted. */
import { useState } from "react";
import { Link } from "wouter";
import { permits } from "../../protocol/scopes.ts";
import { useAttempt } from "../attempt.ts";
import { useSignedIn } from "../client-context.ts";
import { Section } from "../design/section.tsx";
import { PATTERNS } from "../paths.ts";
import { ProblemNote } from "../problem-note.tsx";
import { useOperatorWords } from "./use-operator-words.ts";

export function NotOperator() {
  const { client } = useSignedIn();
  const words = useOperatorWords().refused;
  const { pending, problem, run } = useAttempt();
  const [notice, setNotice] = useState("");

  /** Tokens tell of permissions as they were when they were issued; with new ones the view opens. */
  const lookAgain = () =>
    run(async () => {
      await client.refresh();
      const { permissions } = await client.me();
      setNotice(permits(permissions, "operator") ? "" : words.still);
    });
  return (
    <Section title={words.title} hint={words.text} notice={notice}>
      <ProblemNote problem={problem} />
      <div className="row-actions operator-ways">
        <button type="button" disabled={pending} onClick={() => void lookAgain()}>
          {words.again}
        </button>
        <Link className="button" href={PATTERNS.home}>
          {words.home}
        </Link>
      </div>
    </Section>
  );
}
