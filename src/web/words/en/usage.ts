/** Usage records: brought in, and looked at. */

export const usage = {
  title: "Usage",
};
