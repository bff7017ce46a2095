/** How every part of the platform is. */
import { useSignedIn } from "../client-context.ts";
import { Part } from "../design/section.tsx";
import { PART_EVENTS } from "./figure-rules.ts";
import { RunbookLink } from "./runbook-link.tsx";
import { useOperatorWords } from "./use-operator-words.ts";
import { useWatched } from "./use-watched.ts";
import { Watched } from "./watched.tsx";

export function HealthPart() {
  const { client } = useSignedIn();
  const words = useOperatorWords().health;
  const health = useWatched("health", client.operator.health);
  return (
    <Part title={words.title}>
      <Watched query={health}>
        {({ status, parts, model_provider }) => (
          <>
            <p role="status">
              {words.whole[status]} {model_provider === "demo" && words.demo}
            </p>
            <ul className="health">
              {Object.entries(parts).map(([part, state]) => (
                <PartOf key={part} part={part} state={state} />
              ))}
            </ul>
          </>
        )}
      </Watched>
    </Part>
  );
}

interface Props {
  readonly part: string;
  readonly state: "healthy" | "degraded";
}

function PartOf({ part, state }: Props) {
  const words = useOperatorWords().health;
  const [name, does] = words.parts[part] ?? [part, ""];
  const isWell = state === "healthy";
  return (
    <li className="card" data-state={state}>
      <strong>{name}</strong>
      <span className="badge" data-tone={isWell ? "success" : "warning"}>
        {words.state[state]}
      </span>
      <p className="hint">{does}</p>
      {!isWell && <RunbookLink event={PART_EVENTS[part]} of={name} />}
    </li>
  );
}
