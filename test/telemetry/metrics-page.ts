/** A page of metrics as a parser of Prometheus' text format reads it. */
import parse from "parse-prometheus-text-format";
import { z } from "zod";

const Family = z.object({
  name: z.string(),
  help: z.string(),
  type: z.enum(["COUNTER", "GAUGE", "HISTOGRAM", "UNTYPED"]),
  metrics: z.array(
    z.object({
      labels: z.record(z.string(), z.string()).default({}),
      value: z.string().optional(),
    }),
  ),
});
type Family = z.infer<typeof Family>;

const HISTOGRAM = /^# TYPE \w+ histogram\n/gm;

export class MetricsPage {
  /** By name, with its type. */
  readonly families: ReadonlyMap<string, Family>;
  /** By name, what there is of a histogram as families of their own: the parser keeps no labels of those. */
  readonly #samples: ReadonlyMap<string, Family>;

  /** @throws where it is not as the text format has it. */
  constructor(text: string) {
    this.families = read(text);
    this.#samples = read(text.replaceAll(HISTOGRAM, ""));
  }

  /** @returns the sum of what fits the labels. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number {
    const fitting = this.#samples
      .get(name)
      ?.metrics.filter((metric) =>
        Object.entries(labels).every(([label, value]) => metric.labels[label] === value),
      );
    return (fitting ?? []).reduce((sum, { value }) => sum + Number(value), 0);
  }
}

function read(text: string): ReadonlyMap<string, Family> {
  const families = z.array(Family).parse(parse(text));
  return new Map(families.map((family) => [family.name, family]));
}
