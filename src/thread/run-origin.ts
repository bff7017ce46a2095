/** By which request a run came to be: kept with it, so that each of its lives tells of the same trace. */
import * as z from "zod";

/** A place in a trace, as it is stored and handed from the Worker to objects. */
const TraceContext = z.object({
  traceId: z.string(),
  spanId: z.string(),
  sampled: z.boolean(),
  state: z.string().nullable(),
});

export const RunOrigin = z.object({
  /** Over a socket it is the request that opened it; null where that is not known. */
  request_id: z.string().nullable(),
  trace: TraceContext.nullable(),
});
export type RunOrigin = z.infer<typeof RunOrigin>;
