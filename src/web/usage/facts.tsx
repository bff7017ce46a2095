/** Names with their figures, one below the other. */

interface Props {
  readonly facts: readonly (readonly [name: string, said: string])[];
}

export function Facts({ facts }: Props) {
  return (
    <dl className="usage-facts">
      {facts.map(([name, said]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{said}</dd>
        </div>
      ))}
    </dl>
  );
}
