import { contrast, luminance, mix, parseHex, type Rgb, readable, toHex } from "./colour";
import type { Theme } from "./generated/Theme";

const ink: Rgb = [0.11, 0.106, 0.098];
const paper: Rgb = [0.98, 0.969, 0.941];
const black: Rgb = [0, 0, 0];
const white: Rgb = [1, 1, 1];

/** The CSS custom properties that a shop's four colours stand for. */
export function themeColours(theme: Theme, highContrast = false): Record<string, string> {
  const chosen = { paper: parseHex(theme.paper) ?? paper, ink: parseHex(theme.ink) ?? ink };
  const dark = luminance(chosen.paper) < luminance(chosen.ink);
  const ground = highContrast ? (dark ? black : white) : chosen.paper;
  const text = highContrast ? (dark ? white : black) : chosen.ink;
  const ratio = highContrast ? 7 : 4.5;
  const surface = highContrast ? ground : mix(ground, dark ? text : white, dark ? 0.09 : 0.72);
  const accent = parseHex(theme.accent) ?? text;
  const strong = highContrast ? readable(accent, ground, text, 7) : accent;
  const onStrong = highContrast ? ground : (parseHex(theme.accent_ink) ?? ground);
  return {
    "--paper": toHex(ground),
    "--surface": toHex(surface),
    "--ink": toHex(text),
    "--ink-soft": toHex(highContrast ? text : readable(mix(text, ground, 0.34), surface, text, 5.2)),
    "--hairline": toHex(mix(ground, text, highContrast ? 1 : 0.16)),
    "--edge": toHex(readable(mix(text, ground, 0.5), ground, text, 3)),
    "--accent": toHex(strong),
    "--accent-ink": toHex(
      readable(onStrong, strong, contrast(black, strong) > contrast(white, strong) ? black : white, ratio),
    ),
    "--accent-text": toHex(readable(accent, surface, text, ratio)),
    "--scheme": dark ? "dark" : "light",
  };
}

/** Paints `element` in the shop's colours. */
export function paint(element: HTMLElement, theme: Theme, highContrast = false): void {
  for (const [name, value] of Object.entries(themeColours(theme, highContrast))) element.style.setProperty(name, value);
}
