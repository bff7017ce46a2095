/** The account: who one is, where one is signed in, what may speak for one, and what is kept. */

import { access } from "./settings-access.ts";
import { account } from "./settings-account.ts";
import { webhooks } from "./settings-webhooks.ts";

export const settings = {
  title: "Settings",
  sections: {
    profile: "Profile",
    sessions: "Sessions",
    keys: "API keys",
    servers: "MCP servers",
    webhooks: "Webhooks",
    limits: "Limits and use",
    budget: "Budget",
    team: "Team",
    data: "Your data",
  },
  ...access,
  ...account,
  webhooks,
};
