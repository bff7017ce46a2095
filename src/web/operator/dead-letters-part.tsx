/** What the history refused of a thread, and another try for it. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import * as z from "zod";
import type { DeadLetters } from "../../protocol/api.ts";
import { ThreadId, UserId } from "../../protocol/ids.ts";
import { parseInput } from "../../protocol/parse-input.ts";
import { useAttempt } from "../attempt.ts";
import { useSignedIn } from "../client-context.ts";
import { Part } from "../design/section.tsx";
import { Field } from "../form/field.tsx";
import { Form } from "../form/form.tsx";
import { Loaded } from "../form/loaded.tsx";
import { ProblemNote } from "../problem-note.tsx";
import { LetterTable } from "./letter-table.tsx";
import { replayOutcome } from "./replay-outcome.ts";
import { useOperatorWords } from "./use-operator-words.ts";

const Asked = z.object({ user_id: UserId, thread_id: ThreadId });
type Asked = z.infer<typeof Asked>;

/** How often what is on its way is looked for, in milliseconds, and for how long. */
const LOOK_MS = 2_000;
const LOOK_FOR_MS = 30_000;

/** Letters as they stood when they were sent again. */
interface Sent {
  readonly letters: DeadLetters;
  /** In milliseconds since the Unix epoch. */
  readonly at: number;
}

export function DeadLettersPart() {
  const { audit, letters: words } = useOperatorWords();
  const [asked, setAsked] = useState<Asked | null>(null);
  return (
    <Part title={words.title} hint={words.hint}>
      <Form
        label={words.title}
        action={audit.look}
        onSubmit={async (typed) => {
          const given = Object.fromEntries(
            [...typed].map(([name, value]) => [name, String(value).trim()]),
          );
          setAsked(parseInput(Asked, given, "the form"));
          return undefined;
        }}
      >
        <Field
          name="user_id"
          label={audit.user}
          hint={audit.userHint}
          autoComplete="off"
          required
        />
        <Field name="thread_id" label={words.thread} autoComplete="off" required />
      </Form>
      {asked !== null && <Letters key={`${asked.user_id} ${asked.thread_id}`} of={asked} />}
    </Part>
  );
}

function Letters({ of: { user_id, thread_id } }: { readonly of: Asked }) {
  const { client } = useSignedIn();
  const words = useOperatorWords().letters;
  const { pending, problem, run } = useAttempt();
  const [sent, setSent] = useState<Sent | null>(null);
  const letters = useQuery({
    queryKey: ["dead-letters", user_id, thread_id],
    queryFn: () => client.operator.deadLetters(user_id, thread_id),
    staleTime: 0,
    // Each look goes into two logs: only what was asked for is read.
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    refetchInterval: ({ state: { data } }) =>
      sent && data && isOnTheWay(sent, data) ? LOOK_MS : false,
  });
  const replay = (found: DeadLetters) =>
    run(async () => {
      await client.operator.replayDeadLetters(user_id, thread_id);
      setSent({ letters: found, at: Date.now() });
      await letters.refetch();
    });
  return (
    <Loaded query={letters}>
      {(found) => (
        <>
          <p role="status">
            {sent === null
              ? words.total(found.total, found.data.length)
              : words.outcome(replayOutcome(sent.letters, found))}
          </p>
          {found.total > 0 && (
            <>
              <LetterTable label={words.of(thread_id)} letters={found.data} />
              <div>
                <button type="button" disabled={pending} onClick={() => void replay(found)}>
                  {words.replay}
                </button>
              </div>
            </>
          )}
          <ProblemNote problem={problem} />
        </>
      )}
    </Loaded>
  );
}

/** Whether it is worth a look: after a while it is D1 that has to come back first. */
function isOnTheWay({ letters, at }: Sent, now: DeadLetters): boolean {
  return Date.now() - at < LOOK_FOR_MS && replayOutcome(letters, now).waiting > 0;
}
