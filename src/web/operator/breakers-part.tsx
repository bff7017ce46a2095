/** The circuit breakers, and how each instance of the server has them. */
import type { CircuitBreaker } from "../../protocol/api.ts";
import { useSignedIn } from "../client-context.ts";
import { Part } from "../design/section.tsx";
import { useTold } from "../form/told.ts";
import { PART_EVENTS } from "./figure-rules.ts";
import { RunbookLink } from "./runbook-link.tsx";
import { useOperatorWords } from "./use-operator-words.ts";
import { useWatched } from "./use-watched.ts";
import { Watched } from "./watched.tsx";

const TONES = { closed: "success", half_open: "warning", open: "danger" } as const;

export function BreakersPart() {
  const { client } = useSignedIn();
  const words = useOperatorWords().breakers;
  const breakers = useWatched("breakers", client.operator.breakers);
  return (
    <Part title={words.title} hint={words.hint}>
      <Watched query={breakers}>
        {({ data }) => (
          <ul className="rows" aria-label={words.list}>
            {data.map((breaker) => (
              <Breaker key={breaker.part} breaker={breaker} />
            ))}
          </ul>
        )}
      </Watched>
    </Part>
  );
}

function Breaker({ breaker }: { readonly breaker: CircuitBreaker }) {
  const { breakers: words, health } = useOperatorWords();
  const told = useTold();
  const { part, state, instances } = breaker;
  const name = health.parts[part]?.[0] ?? part;
  return (
    <li className="card breaker">
      <div className="breaker-head">
        <strong>{name}</strong>
        <State of={breaker} />
        {state !== "closed" && <RunbookLink event={PART_EVENTS[part]} of={name} />}
      </div>
      {instances.length === 0 ? (
        <p className="hint">{words.none}</p>
      ) : (
        <details>
          <summary>{words.instances(instances.length)}</summary>
          <ol aria-label={words.instancesOf(name)}>
            {instances.map((instance, index) => (
              <li key={JSON.stringify(instance)}>
                {words.instance(index + 1)} <State of={instance} />
                <p className="hint">{words.reported(told.distance(instance.reported_at))}</p>
              </li>
            ))}
          </ol>
        </details>
      )}
    </li>
  );
}

type Standing = Pick<CircuitBreaker, "state" | "since" | "failures" | "next_probe_at">;

/** How one stands: in a word, and since when. */
function State({ of: { state, since, failures, next_probe_at } }: { readonly of: Standing }) {
  const words = useOperatorWords().breakers;
  const told = useTold();
  const details = [
    since === null ? words.never : words.since(told.moment(since)),
    failures > 0 && words.failures(failures),
    next_probe_at !== null && words.probe(told.distance(next_probe_at)),
  ];
  return (
    <>
      <span className="badge" data-tone={TONES[state]}>
        {words.state[state]}
      </span>{" "}
      <span className="hint">{details.filter(Boolean).join(" · ")}</span>
    </>
  );
}
