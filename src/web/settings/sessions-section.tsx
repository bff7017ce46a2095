/** Where one is signed in, and an end to it. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Session } from "../../protocol/account.ts";
import { useSignedIn } from "../client-context.ts";
import { Section } from "../design/section.tsx";
import { ConfirmButton } from "../form/dialog-button.tsx";
import { Loaded } from "../form/loaded.tsx";
import { useTold } from "../form/told.ts";
import { useChange } from "../form/use-change.ts";
import { useWords } from "../words/words.ts";
import { deviceOf } from "./device.ts";

export function SessionsSection() {
  const { client } = useSignedIn();
  const { settings } = useWords();
  const words = settings.sessions;
  const [notice, setNotice] = useState("");
  const sessions = useQuery({ queryKey: ["sessions"], queryFn: client.sessions.list });
  const end = useChange(client.sessions.end, "sessions");
  const endOthers = useChange(client.sessions.endOthers, "sessions");
  return (
    <Section title={settings.sections.sessions} hint={words.hint} notice={notice}>
      <Loaded query={sessions}>
        {({ data }) => (
          <>
            <ul className="rows" aria-label={words.list}>
              {data.map((session) => (
                <SessionRow
                  key={session.id}
                  session={session}
                  onEnd={async () => {
                    await end.mutateAsync(session.id);
                    setNotice(words.ended);
                  }}
                />
              ))}
            </ul>
            {data.length > 1 && (
              <div>
                <ConfirmButton
                  label={words.endOthers}
                  title={words.endOthersTitle}
                  action={words.endOthers}
                  onConfirm={async () => {
                    await endOthers.mutateAsync();
                    setNotice(words.endedOthers);
                  }}
                >
                  {words.endOthersText}
                </ConfirmButton>
              </div>
            )}
          </>
        )}
      </Loaded>
    </Section>
  );
}

interface RowProps {
  readonly session: Session;
  readonly onEnd: () => Promise<void>;
}

/** The session that asks ends by logging out, which is elsewhere. */
function SessionRow({ session, onEnd }: RowProps) {
  const words = useWords().settings.sessions;
  const told = useTold();
  const found = deviceOf(session.user_agent);
  const device = found === null ? words.unknown : words.on(found.browser, found.system);
  const method = Object.entries(words.methods).find(([name]) => name === session.method)?.[1];
  return (
    <li className="card row">
      <div>
        <strong>{device}</strong>
        {session.current && (
          <span className="badge" data-tone="success">
            {words.here}
          </span>
        )}
        <p className="hint">
          {words.by(method ?? session.method)}
          {session.address !== null && ` ${words.from(session.address)}`}
        </p>
        <p className="hint">
          <time dateTime={session.last_used_at} title={told.moment(session.last_used_at)}>
            {words.used(told.distance(session.last_used_at))}
          </time>
        </p>
      </div>
      {!session.current && (
        <ConfirmButton
          label={words.end}
          name={words.endOf(device)}
          title={words.endTitle}
          action={words.endAction}
          onConfirm={onEnd}
        >
          {words.endText(device)}
        </ConfirmButton>
      )}
    </li>
  );
}
