/** Everything a person can look after: who they are, where they are signed in, keys, servers, limits. */
import "../without-eval.ts";
import "./settings.css";
import { useEffect, useRef } from "react";
import { Link } from "wouter";
import {
  ChartIcon,
  ClockIcon,
  ForkIcon,
  KeyIcon,
  PlugIcon,
  SendIcon,
  ShieldIcon,
  SystemIcon,
  UserIcon,
} from "../design/icons.tsx";
import { settingsPath } from "../paths.ts";
import { useWords } from "../words/words.ts";
import { BudgetSection } from "./budget-section.tsx";
import { DataSection } from "./data-section.tsx";
import { KeysSection } from "./keys-section.tsx";
import { LimitsSection } from "./limits-section.tsx";
import { ProfileSection } from "./profile-section.tsx";
import { ServersSection } from "./servers-section.tsx";
import { SessionsSection } from "./sessions-section.tsx";
import { TeamSection } from "./team-section.tsx";
import { WebhooksSection } from "./webhooks-section.tsx";

/** In the order of the list beside them. */
const SECTIONS = {
  profile: { Icon: UserIcon, View: ProfileSection },
  sessions: { Icon: SystemIcon, View: SessionsSection },
  keys: { Icon: KeyIcon, View: KeysSection },
  servers: { Icon: PlugIcon, View: ServersSection },
  webhooks: { Icon: SendIcon, View: WebhooksSection },
  limits: { Icon: ClockIcon, View: LimitsSection },
  budget: { Icon: ChartIcon, View: BudgetSection },
  team: { Icon: ForkIcon, View: TeamSection },
  data: { Icon: ShieldIcon, View: DataSection },
} as const;

type Name = keyof typeof SECTIONS;

const NAMES = Object.keys(SECTIONS).filter(isName);

/** A lazily loaded view, so a default export. */
export default function Settings({
  section = "profile",
}: {
  readonly section: string | undefined;
}) {
  const { settings, frame } = useWords();
  const title = isName(section) ? settings.sections[section] : settings.title;
  const list = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a narrow screen the list is a row of tabs that is wider than the screen.
    const open = list.current?.querySelector(`a[href="${settingsPath(section)}"]`);
    open?.scrollIntoView({ block: "nearest", inline: "center" });
    document.title = `${title} · ${frame.product}`;
    return () => {
      document.title = frame.product;
    };
  }, [section, title, frame.product]);

  const View = isName(section) ? SECTIONS[section].View : null;
  return (
    <div className="settings">
      <nav ref={list} className="settings-list" aria-label={settings.title}>
        <ul>
          {NAMES.map((name) => {
            const { Icon } = SECTIONS[name];
            return (
              <li key={name}>
                <Link
                  href={settingsPath(name)}
                  aria-current={name === section ? "page" : undefined}
                >
                  <Icon />
                  {settings.sections[name]}
                </Link>
              </li>
            );
          })}
        </ul>
      </nav>
      <div className="settings-section" key={section}>
        {View === null ? <p>{frame.notFound}</p> : <View />}
      </div>
    </div>
  );
}

function isName(section: string): section is Name {
  return Object.hasOwn(SECTIONS, section);
}
