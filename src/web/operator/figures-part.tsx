/** The metrics as figures, each with its meaning and what it is a sign of. */
import { useSignedIn } from "../client-context.ts";
import { Part } from "../design/section.tsx";
import { useFormats } from "../run/formats.ts";
import { GROUPS } from "./figure-rules.ts";
import { FigureTable } from "./figure-table.tsx";
import { countsOf, durationsOf, gaugesOf } from "./figures.ts";
import type { Quantile } from "./quantiles.ts";
import { type Seen, seenAgain } from "./seen.ts";
import { useOperatorWords } from "./use-operator-words.ts";
import { useWatched } from "./use-watched.ts";
import { Watched } from "./watched.tsx";

export function FiguresPart() {
  const { client } = useSignedIn();
  const words = useOperatorWords().figures;
  const seen = useWatched<Seen>("metrics", async (previous) =>
    seenAgain(previous, await client.operator.metrics(), Date.now()),
  );
  return (
    <Part title={words.title}>
      <Watched query={seen}>{(found) => <Figures seen={found} />}</Watched>
    </Part>
  );
}

function Figures({ seen: { first, at, now } }: { readonly seen: Seen }) {
  const words = useOperatorWords().figures;
  const formats = useFormats();
  const { count } = formats;
  return (
    <>
      <p className="hint">{words.hint(formats.moment(new Date(at).toISOString()))}</p>
      <h4>{words.now}</h4>
      <FigureTable
        label={words.now}
        columns={[words.value]}
        rows={gaugesOf(now).map((gauge) => ({ ...gauge, cells: [count(gauge.value)] }))}
      />
      {GROUPS.map((group) => (
        <div key={group} className="figure-group">
          <h4>{words.group[group]}</h4>
          <FigureTable
            label={words.group[group]}
            columns={[words.total, words.since]}
            rows={countsOf(group, first, now).map((figure) => ({
              ...figure,
              cells: [count(figure.value), count(figure.since)],
            }))}
          />
        </div>
      ))}
      <h4>{words.durations}</h4>
      <p className="hint">{words.durationsHint}</p>
      <FigureTable
        label={words.durations}
        columns={["p50", "p95", words.count]}
        rows={durationsOf(now).map(({ name, p50, p95, count: observed }) => ({
          name,
          cells: [
            <Estimate key="p50" of={p50} />,
            <Estimate key="p95" of={p95} />,
            count(observed),
          ],
        }))}
      />
    </>
  );
}

/** A quantile with the bounds that it lies between, as far as the buckets tell. */
function Estimate({ of }: { readonly of: Quantile | null }) {
  const words = useOperatorWords().figures;
  const { duration } = useFormats();
  const told = (seconds: number) => duration(seconds * 1_000);
  if (of === null) return <span className="hint">{words.nothing}</span>;
  const { about, above, upTo } = of;
  if (upTo === null) return words.more(told(above));
  return (
    <>
      {words.about(told(about))}
      <span className="hint">{words.between(told(above), told(upTo))}</span>
    </>
  );
}
