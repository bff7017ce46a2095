/** What all isolates counted, as an operator's page reads it: the series that Prometheus scrapes, as JSON. */
import * as z from "zod";

const named = {
  name: z.string().describe("As Prometheus knows it: apex_http_requests_total"),
  help: z.string().describe("What it counts"),
};
const labels = z.record(z.string(), z.string());

/** A metric with all its series. */
export const MetricFamily = z.discriminatedUnion("type", [
  z.object({
    ...named,
    type: z.enum(["counter", "gauge"]),
    samples: z.array(z.object({ labels, value: z.number() })),
  }),
  z.object({
    ...named,
    type: z.literal("histogram"),
    samples: z.array(
      z.object({
        labels,
        buckets: z
          .array(
            z.object({
              le: z.number().describe("The upper bound, which the bucket includes"),
              count: z.number().int().describe("Observations up to it, those of lower buckets too"),
            }),
          )
          .describe("From the lowest bound on; what is above the last is in count alone"),
        sum: z.number(),
        count: z.number().int(),
      }),
    ),
  }),
]);
export type MetricFamily = z.infer<typeof MetricFamily>;

/** A metric that is counted up, or that goes up and down. */
export type ScalarFamily = Extract<MetricFamily, { type: "counter" | "gauge" }>;
/** A metric whose observations are counted by buckets. */
export type HistogramFamily = Extract<MetricFamily, { type: "histogram" }>;

/** Every metric that anything was counted of. */
export const MetricsSnapshot = z.object({ data: z.array(MetricFamily) });
export type MetricsSnapshot = z.infer<typeof MetricsSnapshot>;
