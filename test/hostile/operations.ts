/** Every operation that the app's own OpenAPI document tells of, so that a new route is attacked too. */
import { z } from "zod";

/** As much of a JSON Schema as the document uses. */
export interface Schema {
  readonly $ref?: string | undefined;
  readonly type?: string | string[] | undefined;
  readonly const?: unknown;
  readonly enum?: readonly unknown[] | undefined;
  readonly default?: unknown;
  readonly format?: string | undefined;
  readonly pattern?: string | undefined;
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly minItems?: number | undefined;
  readonly maxItems?: number | undefined;
  readonly items?: Schema | undefined;
  readonly properties?: Readonly<Record<string, Schema>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly additionalProperties?: boolean | Schema | undefined;
  readonly propertyNames?: Schema | undefined;
  readonly anyOf?: readonly Schema[] | undefined;
  readonly oneOf?: readonly Schema[] | undefined;
  readonly allOf?: readonly Schema[] | undefined;
}

const Schema: z.ZodType<Schema> = z.looseObject({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  get items() {
    return Schema.optional();
  },
  get properties() {
    return z.record(z.string(), Schema).optional();
  },
  get anyOf() {
    return z.array(Schema).optional();
  },
  get oneOf() {
    return z.array(Schema).optional();
  },
});

const Content = z.record(z.string(), z.object({ schema: Schema, example: z.unknown().optional() }));

const Operation = z.object({
  "x-permission": z.string(),
  tags: z.array(z.string()),
  parameters: z
    .array(
      z.object({
        in: z.string(),
        name: z.string(),
        required: z.boolean().optional(),
        schema: Schema,
      }),
    )
    .default([]),
  requestBody: z.object({ required: z.boolean().optional(), content: Content }).optional(),
  responses: z.record(z.string(), z.object({ content: Content.optional() })),
});

const Document = z.object({
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({ schemas: z.record(z.string(), Schema) }),
});

/** One method of one path. */
export interface Operation extends z.infer<typeof Operation> {
  readonly method: string;
  readonly path: string;
  /** Method and path, as a test's name tells them. */
  readonly name: string;
  /** Of a JSON body; null where none is taken. */
  readonly body: Schema | null;
  /** A body as the document shows one; undefined where none is taken. */
  readonly example: unknown;
}

/**
 * Asks for the document, over whatever leads to the app.
 * @returns every operation, and what the document's references name.
 */
export async function readDocument(ask: (path: string) => Promise<Response>) {
  const { paths, components } = Document.parse(await (await ask("/openapi.json")).json());
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([lowerCase, operation]): Operation => {
      const method = lowerCase.toUpperCase();
      const { schema: body = null, example } =
        operation.requestBody?.content["application/json"] ?? {};
      return { ...operation, method, path, name: `${method} ${path}`, body, example };
    }),
  );
  return { operations, schemas: components.schemas };
}

/** @returns whether an operation opens a socket, which only an upgrade may ask for. */
export function isSocket({ responses }: Pick<Operation, "responses">): boolean {
  return "101" in responses;
}

/** @returns the path with its places filled; each as it stands, so that it may be hostile. */
export function pathOf(
  { path }: Pick<Operation, "path">,
  parameter: (name: string) => string,
): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => parameter(name));
}

/** @returns a small value that fits a schema, with what it requires and nothing more. */
export function minimal(schema: Schema): unknown {
  const [option] = schema.oneOf ?? schema.anyOf ?? schema.allOf ?? [];
  if (option !== undefined) return minimal(option);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const type = typeof schema.type === "string" ? schema.type : schema.type?.[0];
  switch (type) {
    case "object": {
      const { properties = {}, required = [] } = schema;
      return Object.fromEntries(required.map((name) => [name, minimal(properties[name] ?? {})]));
    }
    case "array":
      return Array.from({ length: schema.minItems ?? 0 }, () => minimal(schema.items ?? {}));
    case "string":
      if (schema.format === "email") return "nobody@example.com";
      if (schema.format === "date-time") return "2026-01-01T00:00:00.000Z";
      return "x".repeat(schema.minLength ?? 1);
    case "integer":
    case "number":
      return Math.max(schema.minimum ?? 1, Math.min(1, schema.maximum ?? 1));
    case "boolean":
      return true;
    default:
      return null;
  }
}

/** @returns a small body that an operation takes: one that changes something, where a choice is left. */
export function minimalBody({ body }: Pick<Operation, "body">): unknown {
  if (body === null) return undefined;
  const value = minimal(body);
  const isEmpty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
  const [first] = Object.entries(body.properties ?? {});
  return isEmpty && first !== undefined ? { [first[0]]: minimal(first[1]) } : value;
}
