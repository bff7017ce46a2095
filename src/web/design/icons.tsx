/** The page's icons: plain shapes on a grid of 24, one stroke for all. What they mean, the words beside them or the label of their button say. */
import type { ReactNode } from "react";

/** @returns a component that draws these paths; purely decoration to a screen reader. */
function icon(...paths: readonly string[]): () => ReactNode {
  return function Icon() {
    return (
      <svg className="glyph" viewBox="0 0 24 24" aria-hidden="true">
        {paths.map((path) => (
          <path key={path} d={path} />
        ))}
      </svg>
    );
  };
}

/** @returns the path of a circle, since an icon is paths alone. */
function circle(x: number, y: number, radius: number): string {
  const across = 2 * radius;
  return `M${x - radius} ${y}a${radius} ${radius} 0 1 0 ${across} 0a${radius} ${radius} 0 1 0 ${-across} 0`;
}

export const ArrowDownIcon = /* @__PURE__ */ icon("M12 5v14M6 13l6 6 6-6");
export const ArrowUpIcon = /* @__PURE__ */ icon("M12 19V5M6 11l6-6 6 6");
export const ChartIcon = /* @__PURE__ */ icon("M4 4v16h16M8.5 16v-4M13 16V8M17.5 16v-6");
export const CheckIcon = /* @__PURE__ */ icon("M5 12.5 10 17.5 19.5 7");
export const ChevronDownIcon = /* @__PURE__ */ icon("M6 9.5l6 6 6-6");
export const ClockIcon = /* @__PURE__ */ icon(circle(12, 12, 8.5), "M12 7v5.5l3.5 2");
export const CloseIcon = /* @__PURE__ */ icon("M6 6l12 12M18 6 6 18");
export const CopyIcon = /* @__PURE__ */ icon("M9 9h11v11H9z", "M15 5.5V4H4v11h1.5");
export const DeveloperIcon = /* @__PURE__ */ icon("M8 7l-5 5 5 5M16 7l5 5-5 5M13.5 5l-3 14");
export const DownloadIcon = /* @__PURE__ */ icon("M12 4v11M7 10.5l5 5 5-5M4 20h16");
export const EditIcon = /* @__PURE__ */ icon("M4 20l1-4.5L16 4.5l3.5 3.5L8.5 19zM13.5 7l3.5 3.5");
export const ForkIcon = /* @__PURE__ */ icon(
  circle(6, 5.5, 2.2),
  circle(18, 5.5, 2.2),
  circle(12, 18.5, 2.2),
  "M6 7.7V9q0 3 3 3h6q3 0 3-3V7.7M12 12v4.3",
);
export const KeyIcon = /* @__PURE__ */ icon(circle(8, 15, 4.5), "M11.3 11.7 20 3M16 7l3 3");
export const LogOutIcon = /* @__PURE__ */ icon("M10 4H5v16h5M15 7.5l4.5 4.5-4.5 4.5M19.5 12H10");
export const MenuIcon = /* @__PURE__ */ icon("M4 7h16M4 12h16M4 17h16");
export const MoonIcon = /* @__PURE__ */ icon("M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z");
export const MoreIcon = /* @__PURE__ */ icon("M5.5 12h.01M12 12h.01M18.5 12h.01");
export const PlugIcon = /* @__PURE__ */ icon("M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4");
export const PlusIcon = /* @__PURE__ */ icon("M12 5v14M5 12h14");
export const PrintIcon = /* @__PURE__ */ icon("M7 8V3.5h10V8M7 17H4V8h16v9h-3", "M7 14h10v6.5H7z");
export const RefreshIcon = /* @__PURE__ */ icon(
  "M19.5 12a7.5 7.5 0 1 1-2.2-5.3L20 9.5M20 4.5v5h-5",
);
export const SearchIcon = /* @__PURE__ */ icon(circle(10.5, 10.5, 6), "M15 15l5.5 5.5");
export const SendIcon = /* @__PURE__ */ icon("M20.5 3.5 3 10.5l7 3.5 3.5 7zM20.5 3.5 10 14");
export const SettingsIcon = /* @__PURE__ */ icon(
  "M4 7h8M18 7h2M4 17h2M12 17h8",
  circle(15, 7, 2.5),
  circle(9, 17, 2.5),
);
export const ShareIcon = /* @__PURE__ */ icon(
  "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1 1M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1-1",
);
export const ShieldIcon = /* @__PURE__ */ icon(
  "M12 3.5l7.5 2.5v5.5c0 4.5-3 7.5-7.5 9-4.5-1.5-7.5-4.5-7.5-9V6z",
);
export const StopIcon = /* @__PURE__ */ icon("M7 7h10v10H7z");
export const SunIcon = /* @__PURE__ */ icon(
  circle(12, 12, 3.75),
  "M12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M18.4 5.6l-1.1 1.1M6.7 17.3l-1.1 1.1",
);
export const SystemIcon = /* @__PURE__ */ icon("M3.5 5h17v11h-17zM9 20h6M12 16v4");
export const ToolIcon = /* @__PURE__ */ icon(
  "M20 7.5l-3.5 3.5-3.5-3.5L16.5 4a5 5 0 0 0-6.3 6.3L4 16.5 7.5 20l6.2-6.2A5 5 0 0 0 20 7.5z",
);
export const TrashIcon = /* @__PURE__ */ icon("M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5");
export const UndoIcon = /* @__PURE__ */ icon("M4.5 9.5H14a5 5 0 0 1 0 10H8M8.5 5.5l-4 4 4 4");
export const UploadIcon = /* @__PURE__ */ icon("M12 15.5V4.5M7 9l5-5 5 5M4 20h16");
export const UserIcon = /* @__PURE__ */ icon(circle(12, 8, 4), "M4.5 20.5a7.5 7.5 0 0 1 15 0");
