/** `rrggbb` of `#rrggbb` or of Figma's `{r, g, b}`; null for what is no colour. */
export function readColour(value: unknown): string | null {
  if (typeof value === "string") return /^#([0-9a-f]{6})(ff)?$/i.exec(value)?.[1]?.toLowerCase() ?? null;
  if (typeof value !== "object" || value === null) return null;
  const { r, g, b } = value as Record<string, unknown>;
  const channels = [r, g, b];
  if (!channels.every((each) => typeof each === "number")) return null;
  return channels.map((each) => Math.round((each as number) * 255).toString(16).padStart(2, "0")).join("");
}
