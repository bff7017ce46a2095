/** What an object must still know of a client after hibernation; it is stored in the socket's attachment. */
import * as z from "zod";
import { Grant } from "./grant.ts";

export const Standing = z.object({
  /** Unix time in seconds at which the token that opened the socket runs out. */
  expiresAt: z.number(),
  /** What the user who opened it is allowed to do. */
  grant: Grant,
  /** The id of the request that opened it; absent if an earlier version of the code did. */
  requestId: z.string().optional(),
  /** Whether its client was warned that the token is about to run out. */
  warned: z.boolean(),
  /** The highest seq that the client has acknowledged, or resumed after. */
  position: z.number(),
  /**
   * When the client last sent a frame, in milliseconds since the Unix epoch. Pings are not counted: the
   * platform answers them without waking the object.
   */
  heardAt: z.number(),
});
export type Standing = z.infer<typeof Standing>;
