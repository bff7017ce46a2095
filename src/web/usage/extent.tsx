/** How far one's own records reach, and the shortest way to an answer about them. */
import { useQuery } from "@tanstack/react-query";
import { useLocation } from "wouter";
import * as z from "zod";
import type { ApexClient } from "../../client/index.ts";
import { useAttempt } from "../attempt.ts";
import { useSignedIn } from "../client-context.ts";
import { Part } from "../design/section.tsx";
import { Loaded } from "../form/loaded.tsx";
import { useTold } from "../form/told.ts";
import { pathOf } from "../paths.ts";
import { ProblemNote } from "../problem-note.tsx";
import { useWords } from "../words/words.ts";

/** What `usage_summary` answers with, as far as it is shown. */
const Summary = z.object({
  n_records: z.number(),
  cost_usd: z.number().nullable(),
  tokens: z.number(),
  window: z.object({ to: z.string() }),
});

export function Extent() {
  const { client } = useSignedIn();
  const words = useWords().usage.extent;
  const extent = useQuery({ queryKey: ["usage-extent"], queryFn: () => extentOf(client) });
  return (
    <Part title={words.title}>
      <Loaded query={extent}>
        {(found) => (found.n_records === 0 ? <p>{words.none}</p> : <Figures {...found} />)}
      </Loaded>
      <AskAboutIt />
    </Part>
  );
}

function Figures({ n_records, cost_usd, tokens, window }: z.infer<typeof Summary>) {
  const words = useWords().usage.extent;
  const told = useTold();
  const figures = [
    [words.records, told.count(n_records)],
    [words.cost, cost_usd === null ? words.unknown : told.usd(cost_usd)],
    [words.tokens, told.count(tokens)],
    [words.until, told.day(window.to)],
  ] as const;
  return (
    <dl className="figures">
      {figures.map(([name, figure]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{figure}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Begins a thread with the question that most people come with. */
export function AskAboutIt({ isPrimary = false }: { readonly isPrimary?: boolean }) {
  const { client } = useSignedIn();
  const words = useWords().usage.extent;
  const { pending, problem, run } = useAttempt();
  const [, goTo] = useLocation();
  const ask = () =>
    run(async () => {
      const { id } = await client.threads.create();
      await client.messages.post(id, { content: words.question });
      goTo(pathOf(id));
    });
  return (
    <>
      <ProblemNote problem={problem} />
      <div>
        <button
          type="button"
          className={isPrimary ? "primary" : undefined}
          disabled={pending}
          onClick={() => void ask()}
        >
          {words.ask}
        </button>
      </div>
    </>
  );
}

/** Everything from the first moment on; the window ends with the latest record. */
async function extentOf(client: ApexClient): Promise<z.infer<typeof Summary>> {
  const given = { workspace: "own", window: { from: "1970-01-01" } };
  const { output } = await client.tools.execute("usage_summary", given);
  return Summary.parse(output);
}
