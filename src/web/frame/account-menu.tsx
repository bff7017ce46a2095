/** The person's own corner: settings, usage, the API, and the way out. */

import { useId } from "react";
import { useLocation } from "wouter";
import { useSignedIn } from "../client-context.ts";
import { ChartIcon, DeveloperIcon, LogOutIcon, SettingsIcon, ToolIcon } from "../design/icons.tsx";
import { Menu, MenuButton, MenuItem } from "../menu.tsx";
import { OPERATOR_PATH, PATTERNS, settingsPath } from "../paths.ts";
import { forgetRows } from "../stored-rows.ts";
import { forgetAllLinks } from "../threads/share-links.ts";
import { useThreadActions } from "../threads/threads-context.ts";
import { useWords } from "../words/words.ts";

export function AccountMenu() {
  const { client, user } = useSignedIn();
  const { frame } = useWords();
  const { removeHidden } = useThreadActions();
  const [, goTo] = useLocation();
  const menuId = useId();

  /** Forgotten here at once; a server out of reach learns of it when the session ages out. */
  function logOut() {
    removeHidden();
    forgetAllLinks();
    forgetRows(user.id);
    goTo(PATTERNS.home);
    client.logout().catch(() => undefined);
  }

  return (
    <section aria-label={frame.account}>
      <MenuButton className="account" menuId={menuId}>
        <span className="avatar" aria-hidden="true">
          {[...user.name][0]?.toUpperCase()}
        </span>
        <span className="visually-hidden">{frame.accountOf} </span>
        <span className="account-names">
          <span>{user.name}</span>
          <span className="email">{user.email}</span>
        </span>
      </MenuButton>
      <Menu id={menuId} label={frame.account} className="account-menu">
        <MenuItem icon={<ChartIcon />} onChoose={() => goTo(PATTERNS.usage)}>
          {frame.usage}
        </MenuItem>
        <MenuItem icon={<SettingsIcon />} onChoose={() => goTo(settingsPath(""))}>
          {frame.settings}
        </MenuItem>
        {user.permissions.includes("operator") && (
          <MenuItem icon={<ToolIcon />} onChoose={() => goTo(OPERATOR_PATH)}>
            {frame.operator}
          </MenuItem>
        )}
        <MenuItem icon={<DeveloperIcon />} onChoose={() => location.assign("/docs")}>
          {frame.api}
        </MenuItem>
        <MenuItem icon={<LogOutIcon />} onChoose={logOut}>
          {frame.logOut}
        </MenuItem>
      </Menu>
    </section>
  );
}
