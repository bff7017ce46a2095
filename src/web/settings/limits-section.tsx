/** What the plan allows, and what is used of it just now. */
import { useQuery } from "@tanstack/react-query";
import type { LimitState } from "../../protocol/tiers.ts";
import { useSignedIn } from "../client-context.ts";
import { Section } from "../design/section.tsx";
import { Loaded } from "../form/loaded.tsx";
import { useTold } from "../form/told.ts";
import { useWords } from "../words/words.ts";
import { Meter } from "./meter.tsx";

export function LimitsSection() {
  const { client } = useSignedIn();
  const { settings } = useWords();
  const words = settings.limits;
  // What is used changes by the second: what was read a while ago is not it.
  const limits = useQuery({ queryKey: ["limits"], queryFn: client.limits.get, staleTime: 0 });
  return (
    <Section title={settings.sections.limits} hint={words.hint}>
      <Loaded query={limits}>
        {({ tier, limits: states }) => (
          <>
            <div className="card row">
              <strong>{words.plan(words.tiers[tier])}</strong>
              <button type="button" onClick={() => void limits.refetch()}>
                {words.refresh}
              </button>
            </div>
            <ul className="meters">
              {states.map((state) => (
                <li key={state.name}>
                  <Limit state={state} />
                </li>
              ))}
            </ul>
          </>
        )}
      </Loaded>
    </Section>
  );
}

function Limit({ state }: { readonly state: LimitState }) {
  const words = useWords().settings.limits;
  const told = useTold();
  const { name, limit, used, remaining, resets_at } = state;
  const write = name === "usd" ? told.usd : told.count;
  const back = resets_at === null ? words.held : words.resets(told.distance(resets_at));
  return (
    <Meter
      label={words.names[name]}
      said={words.used(write(used), write(limit))}
      hint={remaining > 0 ? back : `${words.full}: ${back}`}
      value={used}
      max={limit}
    />
  );
}
