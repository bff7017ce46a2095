/** The entry point: the Worker, and the classes of the Durable Objects that it calls. */
import { DOOR_EXAMPLES } from "./doors/body-examples.ts";
import { doorRoutes } from "./doors/door-routes.ts";
import { createApp } from "./http/app.ts";

export { Account } from "./account/account-object.ts";
export { Organization } from "./account/organization-object.ts";
export { Breakers } from "./durable/breakers-object.ts";
export { Metrics } from "./durable/metrics-object.ts";
export { Thread } from "./thread/thread-object.ts";

export default createApp(doorRoutes(), DOOR_EXAMPLES);
