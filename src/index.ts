/** The front door. */
import { DurableObject } from "cloudflare:workers";

export class Thread extends DurableObject {}

export default { fetch: () => new Response("soon") };
