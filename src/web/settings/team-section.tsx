/** One's team, or the way into one. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ApexError } from "../../protocol/errors.ts";
import {
  AcceptInvitationBody,
  CreateOrganizationBody,
  type Organization,
} from "../../protocol/organization.ts";
import { parseInput } from "../../protocol/parse-input.ts";
import { useSignedIn } from "../client-context.ts";
import { Part, Section } from "../design/section.tsx";
import { ConfirmButton } from "../form/dialog-button.tsx";
import { Field } from "../form/field.tsx";
import { Form } from "../form/form.tsx";
import { Loaded } from "../form/loaded.tsx";
import { useChange } from "../form/use-change.ts";
import { useWords } from "../words/words.ts";
import { InvitePart } from "./invite-part.tsx";
import { MembersPart } from "./members-part.tsx";

export function TeamSection() {
  const { client, user } = useSignedIn();
  const { settings } = useWords();
  const words = settings.team;
  const [notice, setNotice] = useState("");
  const team = useQuery({
    queryKey: ["team", user.organization_id],
    queryFn: () => client.team.get().catch(nullWhereNone),
    enabled: user.organization_id !== null,
  });
  return (
    <Section title={settings.sections.team} hint={words.hint} notice={notice}>
      {user.organization_id === null ? (
        <NoTeam />
      ) : (
        <Loaded query={team}>
          {(found) => (found === null ? <NoTeam /> : <Team team={found} onDone={setNotice} />)}
        </Loaded>
      )}
    </Section>
  );
}

/** Somebody else may have taken one out of it, or deleted it, since the tokens were made. */
function nullWhereNone(error: unknown): null {
  if (error instanceof ApexError && error.code === "not_found") return null;
  throw error;
}

function NoTeam() {
  const { client } = useSignedIn();
  const words = useWords().settings.team;
  const create = useChange(client.team.create, "team", "members");
  const accept = useChange(client.team.accept, "team", "members");
  return (
    <>
      <p>{words.none}</p>
      <Part title={words.form}>
        <Form
          label={words.form}
          action={words.create}
          onSubmit={async (typed) => {
            const given = { name: typed.get("name") };
            await create.mutateAsync(parseInput(CreateOrganizationBody, given, "the form"));
            await client.refresh();
            return undefined;
          }}
        >
          <Field name="name" label={words.name} autoComplete="organization" required />
        </Form>
      </Part>
      <Part title={words.join}>
        <Form
          label={words.join}
          action={words.accept}
          onSubmit={async (typed) => {
            const given = { token: typed.get("token") };
            await accept.mutateAsync(parseInput(AcceptInvitationBody, given, "the form"));
            await client.refresh();
            return undefined;
          }}
        >
          <Field name="token" label={words.token} autoComplete="off" required />
        </Form>
      </Part>
    </>
  );
}

interface TeamProps {
  readonly team: Organization;
  readonly onDone: (notice: string) => void;
}

function Team({ team, onDone }: TeamProps) {
  const { client, user } = useSignedIn();
  const words = useWords().settings.team;
  const leave = useChange(() => client.team.remove(user.id), "team");
  const remove = useChange(client.team.delete, "team");
  const isAdmin = team.role === "admin";
  return (
    <>
      <div className="card row">
        <div>
          <strong>{team.name}</strong>
          <span className="badge">{words.roles[team.role]}</span>
        </div>
        <div className="row-actions">
          <ConfirmButton
            label={words.leave}
            title={words.leaveTitle}
            action={words.leaveAction}
            onConfirm={async () => {
              await leave.mutateAsync();
              await client.refresh();
            }}
          >
            {words.leaveText}
          </ConfirmButton>
          {isAdmin && (
            <ConfirmButton
              label={words.delete}
              title={words.deleteTitle}
              action={words.deleteAction}
              onConfirm={async () => {
                await remove.mutateAsync();
                await client.refresh();
              }}
            >
              {words.deleteText}
            </ConfirmButton>
          )}
        </div>
      </div>
      <MembersPart isAdmin={isAdmin} onDone={onDone} />
      {isAdmin && <InvitePart />}
    </>
  );
}
