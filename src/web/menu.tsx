/** A menu that a button opens: a popover of the platform, walked through by the arrow keys. */
import { type KeyboardEvent, type ReactNode, type ToggleEvent, useRef } from "react";

interface MenuButtonProps {
  readonly menuId: string;
  /** Where what it shows does not say it in words. */
  readonly label?: string;
  readonly className?: string;
  readonly children: ReactNode;
  /** Called before the menu is there. */
  readonly onOpen?: () => void;
}

/** Opens and closes the menu; the platform tells which, and gives the focus back to it. */
export function MenuButton({ menuId, label, className, children, onOpen }: MenuButtonProps) {
  return (
    <button
      type="button"
      className={className}
      popoverTarget={menuId}
      aria-haspopup="menu"
      aria-label={label}
      title={label}
      onClick={onOpen}
    >
      {children}
    </button>
  );
}

interface MenuProps {
  readonly id: string;
  readonly label: string;
  readonly className?: string;
  /** Menu items; what is chosen closes the menu. */
  readonly children: ReactNode;
}

export function Menu({ id, label, className = "", children }: MenuProps) {
  const menu = useRef<HTMLDivElement>(null);

  function focusFirst({ newState }: ToggleEvent) {
    if (newState === "open") itemsOf(menu.current)[0]?.focus();
  }

  return (
    <div
      ref={menu}
      id={id}
      popover="auto"
      role="menu"
      tabIndex={-1}
      aria-label={label}
      className={`menu ${className}`}
      onToggle={focusFirst}
      onKeyDown={walk}
      onClick={() => menu.current?.hidePopover?.()}
    >
      {children}
    </div>
  );
}

interface MenuItemProps {
  readonly icon: ReactNode;
  readonly children: ReactNode;
  readonly onChoose: () => void;
  readonly danger?: boolean;
}

export function MenuItem({ icon, children, onChoose, danger = false }: MenuItemProps) {
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      className={danger ? "danger" : undefined}
      onClick={onChoose}
    >
      {icon}
      {children}
    </button>
  );
}

/** Arrow keys go round; a letter goes to the next item that begins with it (ARIA APG, menu button). */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const items = itemsOf(event.currentTarget);
  const at = items.findIndex((item) => item.matches(":focus"));
  const to = itemAt(event.key, at, items);
  if (to === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  to.focus();
}

function itemAt(key: string, at: number, items: readonly HTMLElement[]): HTMLElement | undefined {
  switch (key) {
    case "ArrowDown":
      return items[(at + 1) % items.length];
    case "ArrowUp":
      return items.at(at <= 0 ? -1 : at - 1);
    case "Home":
      return items[0];
    case "End":
      return items.at(-1);
    default: {
      if (key.length !== 1 || key === " ") return undefined;
      const round = [...items.slice(at + 1), ...items.slice(0, at + 1)];
      return round.find((item) => item.textContent?.toLowerCase().startsWith(key.toLowerCase()));
    }
  }
}

function itemsOf(menu: HTMLElement | null): HTMLElement[] {
  return [...(menu?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? [])];
}
