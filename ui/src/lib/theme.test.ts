import { describe, expect, it } from "vitest";
import { contrast, parseHex, type Rgb } from "./colour";
import type { Theme } from "./generated/Theme";
import { themeColours } from "./theme";

const shops: Record<string, Theme> = {
  warm: { accent: "#1f4d3f", accent_ink: "#ffffff", paper: "#faf7f0", ink: "#1c1b19" },
  neon: { accent: "#39ff14", accent_ink: "#000000", paper: "#0b0b0c", ink: "#f4f4f2" },
  pink: { accent: "#e86a92", accent_ink: "#ffffff", paper: "#fff5f9", ink: "#43324d" },
  pastel: { accent: "#f7a8b8", accent_ink: "#ffffff", paper: "#fff7fb", ink: "#4b3b57" },
};
const read = (colours: Record<string, string>, name: string): Rgb =>
  parseHex(colours[name] ?? "") ?? expect.fail(`${name} is a colour`);

describe.each(Object.entries(shops))("the colours of the %s shop", (_, theme) => {
  it.each([
    ["plain", false, 4.5],
    ["in high contrast", true, 7],
  ])("can be read, %s", (_name, highContrast, ratio) => {
    const colours = themeColours(theme, highContrast);
    for (const [text, ground] of [
      ["--ink", "--paper"],
      ["--ink", "--surface"],
      ["--ink-soft", "--surface"],
      ["--ink-soft", "--paper"],
      ["--accent-text", "--surface"],
      ["--accent-ink", "--accent"],
    ] as const)
      expect(contrast(read(colours, text), read(colours, ground)), `${text} on ${ground}`).toBeGreaterThanOrEqual(
        ratio - 0.05,
      );
  });
});

it("colours that cannot be read as such fall back to paper and ink", () => {
  const colours = themeColours({ accent: "red", accent_ink: "", paper: "", ink: "?" });
  expect(contrast(read(colours, "--ink"), read(colours, "--paper"))).toBeGreaterThan(7);
});
