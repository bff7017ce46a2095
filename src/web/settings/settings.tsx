/** Everything a person can look after: who they are, where they are signed in, keys, servers, limits. */
import "./settings.css";
import { type ComponentType, useEffect, useRef } from "react";
import { Link } from "wouter";
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

/** In the order of the list beside them. */
const SECTIONS = {
  profile: ProfileSection,
  sessions: SessionsSection,
  keys: KeysSection,
  servers: ServersSection,
  limits: LimitsSection,
  budget: BudgetSection,
  team: TeamSection,
  data: DataSection,
} as const satisfies Record<string, ComponentType>;

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

  const Shown = isName(section) ? SECTIONS[section] : null;
  return (
    <div className="settings">
      <nav ref={list} className="settings-list" aria-label={settings.title}>
        <ul>
          {NAMES.map((name) => (
            <li key={name}>
              <Link href={settingsPath(name)} aria-current={name === section ? "page" : undefined}>
                {settings.sections[name]}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <div className="settings-section" key={section}>
        {Shown === null ? <p>{frame.notFound}</p> : <Shown />}
      </div>
    </div>
  );
}

function isName(section: string): section is Name {
  return Object.hasOwn(SECTIONS, section);
}
