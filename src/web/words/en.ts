/** The page in English. Each room of the page has its own part, under the room's name. */
import { conversation } from "./en/conversation.ts";
import { design } from "./en/design.ts";
import { developer } from "./en/developer.ts";
import { form } from "./en/form.ts";
import { frame } from "./en/frame.ts";
import { problems } from "./en/problems.ts";
import { report } from "./en/report.ts";
import { run } from "./en/run.ts";
import { session } from "./en/session.ts";
import { settings } from "./en/settings.ts";
import { shared } from "./en/shared.ts";
import { threads } from "./en/threads.ts";
import { usage } from "./en/usage.ts";

export const EN = {
  locale: "en",
  conversation,
  design,
  developer,
  form,
  frame,
  /** Comes with its room, which one in many thousands opens. */
  operator: () => import("./en/operator.ts"),
  problems,
  report,
  run,
  session,
  settings,
  shared,
  threads,
  usage,
};
