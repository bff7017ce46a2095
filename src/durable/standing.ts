/** What must be known of a client when its object wakes: kept in the socket's attachment. */
import * as z from "zod";
import { Grant } from "./grant.ts";

export const Standing = z.object({
  /** Unix time in seconds at which the token that opened the socket runs out. */
  expiresAt: z.number(),
  /** What is granted to who opened it. */
  grant: Grant,
  /** The request that opened it; none where an earlier version of the code did. */
  requestId: z.string().optional(),
  /** Whether its client was told that the token runs out. */
  warned: z.boolean(),
  /** The furthest seq that the client said it has, or that it was greeted after. */
  position: z.number(),
  /** When the client last sent a frame, in milliseconds since the Unix epoch; plain pings apart. */
  heardAt: z.number(),
});
export type Standing = z.infer<typeof Standing>;
