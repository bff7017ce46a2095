/** Who is in the team, and what they may do in it. */
import { useQuery } from "@tanstack/react-query";
import type { Member } from "../../protocol/organization.ts";
import { OrganizationRole } from "../../protocol/scopes.ts";
import { useAttempt } from "../attempt.ts";
import { useSignedIn } from "../client-context.ts";
import { Part } from "../design/section.tsx";
import { ConfirmButton } from "../form/dialog-button.tsx";
import { Loaded } from "../form/loaded.tsx";
import { useChange } from "../form/use-change.ts";
import { ProblemNote } from "../problem-note.tsx";
import { useWords } from "../words/words.ts";

interface Props {
  readonly isAdmin: boolean;
  readonly onDone: (notice: string) => void;
}

export function MembersPart({ isAdmin, onDone }: Props) {
  const { client } = useSignedIn();
  const words = useWords().settings.team;
  const members = useQuery({ queryKey: ["members"], queryFn: client.team.members });
  return (
    <Part title={words.members}>
      <Loaded query={members}>
        {({ data }) => (
          <ul className="rows" aria-label={words.members}>
            {data.map((member) => (
              <MemberRow key={member.user_id} member={member} isAdmin={isAdmin} onDone={onDone} />
            ))}
          </ul>
        )}
      </Loaded>
    </Part>
  );
}

/** One's own place in the team is changed by leaving it, or by another admin. */
function MemberRow({ member, isAdmin, onDone }: Props & { readonly member: Member }) {
  const { client, user } = useSignedIn();
  const words = useWords().settings.team;
  const { pending, problem, run } = useAttempt();
  const change = useChange(
    (role: OrganizationRole) => client.team.changeRole(member.user_id, { role }),
    "members",
  );
  const remove = useChange(client.team.remove, "members");
  const isSelf = member.user_id === user.id;
  return (
    <li className="card row">
      <div>
        <strong>{member.name}</strong>
        {isSelf && <span className="badge">{words.you}</span>}
        <p className="hint">{member.email}</p>
      </div>
      {isAdmin && !isSelf ? (
        <div className="row-actions">
          <select
            aria-label={words.roleOf(member.name)}
            value={member.role}
            disabled={pending}
            onChange={(event) => {
              const role = OrganizationRole.parse(event.target.value);
              void run(async () => {
                await change.mutateAsync(role);
                onDone(words.changed);
              });
            }}
          >
            {OrganizationRole.options.map((role) => (
              <option key={role} value={role}>
                {words.roles[role]}
              </option>
            ))}
          </select>
          <ConfirmButton
            label={words.remove}
            name={words.removeOf(member.name)}
            title={words.removeTitle(member.name)}
            action={words.removeAction}
            onConfirm={async () => {
              await remove.mutateAsync(member.user_id);
              onDone(words.changed);
            }}
          >
            {words.removeText}
          </ConfirmButton>
        </div>
      ) : (
        <span className="hint">{words.roles[member.role]}</span>
      )}
      <ProblemNote problem={problem} />
    </li>
  );
}
