/** The settings of traces and metrics: where they go, how many, and who may read them. */
import * as z from "zod";
import { SecretUrl } from "./secret-url.ts";

/** A pair of `OTEL_EXPORTER_OTLP_HEADERS`: a header's name (RFC 9110, 5.6.2), and a value without breaks. */
const HEADER = /^\s*([!#$%&'*+\-.^_`|~\w]+)\s*=\s*([\x20-\x7e]*?)\s*$/;

/** As OpenTelemetry has it: `name=value` by comma, the values percent-encoded. */
const Headers = z
  .string()
  .default("")
  .transform((list, context) => {
    const headers: Record<string, string> = {};
    for (const pair of list.split(",").filter((text) => text.trim() !== "")) {
      const [, name, value] = HEADER.exec(decoded(pair)) ?? [];
      if (name !== undefined && value !== undefined) headers[name.toLowerCase()] = value;
      else context.addIssue({ code: "custom", message: "must be name=value pairs by comma" });
    }
    return headers;
  });

export const TelemetrySettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: SecretUrl.optional(),
  OTEL_EXPORTER_OTLP_HEADERS: Headers,
  TRACE_SAMPLE: z.coerce
    .number("must be a number from 0 to 1")
    .min(0, "must be from 0 to 1")
    .max(1, "must be from 0 to 1")
    .default(1),
  METRICS_TOKEN: z.string().min(32, "must be at least 32 characters").optional(),
};

type Given = z.output<z.ZodObject<typeof TelemetrySettings>>;

/** @returns where traces are posted to, null for nowhere; the share of them; and what a scrape shows. */
export function telemetryOf(given: Given) {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: headers } = given;
  const url = endpoint && `${endpoint.replace(/\/+$/, "")}/v1/traces`;
  return {
    collector: url === undefined ? null : { url, headers },
    traceSample: given.TRACE_SAMPLE,
    /** Null where a scrape needs the permission `operator`. */
    metricsToken: given.METRICS_TOKEN ?? null,
  };
}

/** What is no percent-encoding stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
