/** The choice between light, dark and what the system says. */
import { useId } from "react";
import { useWords } from "../words/words.ts";
import { MoonIcon, SunIcon, SystemIcon } from "./icons.tsx";
import { THEMES, useTheme } from "./theme.ts";

const ICONS = { system: SystemIcon, light: SunIcon, dark: MoonIcon } as const;

/** One control of three values, reached and changed as radio buttons are. */
export function ThemeSwitch() {
  const { design } = useWords();
  const [chosen, choose] = useTheme();
  const name = useId();
  return (
    <fieldset className="segments">
      <legend className="visually-hidden">{design.theme}</legend>
      {THEMES.map((theme) => {
        const Icon = ICONS[theme];
        return (
          <label key={theme}>
            <input
              type="radio"
              name={name}
              checked={theme === chosen}
              onChange={() => choose(theme)}
            />
            <Icon />
            {design.themes[theme]}
          </label>
        );
      })}
    </fieldset>
  );
}
