/** The audit log of any user. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import * as z from "zod";
import type { AuditEvent } from "../../protocol/account.ts";
import { ApexError } from "../../protocol/errors.ts";
import { UserId } from "../../protocol/ids.ts";
import type { CursorQuery } from "../../protocol/paging.ts";
import { parseInput } from "../../protocol/parse-input.ts";
import { useSignedIn } from "../client-context.ts";
import { Part } from "../design/section.tsx";
import { TableHead } from "../design/table-head.tsx";
import { Wide } from "../design/wide.tsx";
import { Field } from "../form/field.tsx";
import { Form } from "../form/form.tsx";
import { ShowMore } from "../form/show-more.tsx";
import { useTold } from "../form/told.ts";
import { ProblemNote } from "../problem-note.tsx";
import { useOperatorWords } from "./use-operator-words.ts";

const Asked = z.object({ user_id: UserId });
const NEWEST: Partial<CursorQuery> = {};

export function AuditPart() {
  const words = useOperatorWords().audit;
  const [user, setUser] = useState<UserId | null>(null);
  return (
    <Part title={words.title} hint={words.hint}>
      <Form
        label={words.title}
        action={words.look}
        onSubmit={async (typed) => {
          const given = { user_id: String(typed.get("user_id")).trim() };
          setUser(parseInput(Asked, given, "the form").user_id);
          return undefined;
        }}
      >
        <Field
          name="user_id"
          label={words.user}
          hint={words.userHint}
          autoComplete="off"
          required
        />
      </Form>
      {user !== null && <AuditLog key={user} user={user} />}
    </Part>
  );
}

function AuditLog({ user }: { readonly user: UserId }) {
  const { client } = useSignedIn();
  const words = useOperatorWords().audit;
  const log = useInfiniteQuery({
    queryKey: ["operator-audit", user],
    queryFn: ({ pageParam }) => client.operator.audit(user, pageParam),
    initialPageParam: NEWEST,
    getNextPageParam: ({ next_cursor }): Partial<CursorQuery> | null =>
      next_cursor === null ? null : { cursor: next_cursor },
    staleTime: 0,
    // Each look goes into two logs: only what was asked for is read.
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const events = log.data?.pages.flatMap(({ data }) => data) ?? [];
  return (
    <>
      {log.error && <ProblemNote problem={ApexError.from(log.error)} />}
      <p role="status">{log.isSuccess && (events.length === 0 ? words.none : words.of(user))}</p>
      {events.length > 0 && (
        <Wide label={words.of(user)}>
          <table aria-label={words.of(user)}>
            <TableHead columns={[words.at, words.action, words.by, words.from, words.subject]} />
            <tbody>
              {events.map((event) => (
                <Row key={event.id} event={event} />
              ))}
            </tbody>
          </table>
        </Wide>
      )}
      <ShowMore list={log} />
    </>
  );
}

function Row({ event: { at, action, by, address, subject } }: { readonly event: AuditEvent }) {
  const told = useTold();
  return (
    <tr>
      <td>
        <time dateTime={at}>{told.moment(at)}</time>
      </td>
      <td>
        <code>{action}</code>
      </td>
      <td>{by ?? "–"}</td>
      <td>{address ?? "–"}</td>
      <td>{subject ?? "–"}</td>
    </tr>
  );
}
