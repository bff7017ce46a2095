/** The versions of the foreign protocols that the doors are proven with: another one is to be looked at first. */

import { EventType } from "@ag-ui/client";
import { PROTOCOL_VERSION } from "@ag-ui/core";
import { EventType as OldEventType } from "ag-ui-client-0059";
import { expect, test } from "vitest";
import { A2A_VERSIONS } from "../../../src/doors/a2a/agent-card.ts";

test("AG-UI is 1.0, and 0.0.59 knows every type of it", () => {
  const old: readonly string[] = Object.values(OldEventType);

  expect(PROTOCOL_VERSION).toBe("1.0");
  expect(Object.values(EventType).filter((type) => !old.includes(type))).toEqual([]);
});

test("A2A is 1.0, and 0.3 beside it", () => {
  expect(A2A_VERSIONS).toEqual(["1.0", "0.3"]);
});
