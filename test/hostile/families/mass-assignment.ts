/** Every body of the OpenAPI document, with what only the server may decide: refused by the field's name. */

import { minimalBody, type Operation, pathOf } from "../operations.ts";
import { type Back, type Row, signedIn } from "../row.ts";

const FORBIDDEN = [
  "id",
  "user_id",
  "role",
  "tier",
  "permissions",
  "created_at",
  "seq",
  "status",
  "organization_id",
  "is_admin",
];

/** @returns a row for each body and each field that the body does not know by itself. */
export function massAssignment(operations: readonly Operation[]): Row[] {
  return operations.flatMap((operation) => {
    const { body, method, name } = operation;
    // A body of another protocol, which has its receivers ignore what they do not know.
    if (body === null || typeof body.additionalProperties === "object") return [];
    const fields = FORBIDDEN.filter((field) => !Object.hasOwn(body.properties ?? {}, field));
    return fields.map((field) => ({
      name: `The body of ${name} may not choose ${field}`,
      sends: signedIn(
        pathOf(operation, () => "{mine}"),
        {
          method,
          body: { ...Object(minimalBody(operation)), [field]: field === "seq" ? 1 : "admin" },
        },
      ),
      back: refusedBy(field),
    }));
  });
}

function refusedBy(field: string): Back {
  return { status: 422, code: "invalid_fields", field };
}
