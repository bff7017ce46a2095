/** Sets the theme that was chosen before anything is drawn: in the head, no module, so that nothing flashes. See design/theme.ts. */
(() => {
  const theme = localStorage.getItem("apex-edge.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();
