/** The way for others into the team: an invitation, shown once, to be handed over. */
import { useState } from "react";
import { type Invitation, InviteBody } from "../../protocol/organization.ts";
import { parseInput } from "../../protocol/parse-input.ts";
import { OrganizationRole } from "../../protocol/scopes.ts";
import { useSignedIn } from "../client-context.ts";
import { Part } from "../design/section.tsx";
import { Choice, Field } from "../form/field.tsx";
import { Form } from "../form/form.tsx";
import { ShownOnce } from "../form/shown-once.tsx";
import { useChange } from "../form/use-change.ts";
import { useWords } from "../words/words.ts";

export function InvitePart() {
  const { client } = useSignedIn();
  const words = useWords().settings.team;
  const [made, setMade] = useState<Invitation | null>(null);
  const invite = useChange(client.team.invite);
  return (
    <Part title={words.invite}>
      {made !== null && (
        <ShownOnce
          label={words.invited(made.email)}
          secret={made.token}
          hint={words.once}
          onClose={() => setMade(null)}
        />
      )}
      <Form
        label={words.inviteForm}
        action={words.inviteAction}
        onSubmit={async (typed) => {
          const given = { email: typed.get("email"), role: typed.get("role") };
          setMade(await invite.mutateAsync(parseInput(InviteBody, given, "the form")));
          return undefined;
        }}
      >
        <Field
          name="email"
          label={words.email}
          faults={words.emailFaults}
          type="email"
          autoComplete="off"
          required
        />
        <Choice name="role" label={words.role} defaultValue="member">
          {OrganizationRole.options.map((role) => (
            <option key={role} value={role}>
              {words.roles[role]}
            </option>
          ))}
        </Choice>
      </Form>
    </Part>
  );
}
