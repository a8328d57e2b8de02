import { describe, expect, it } from "vitest";
import { layouts } from "./layouts";

const keys = (rows: string[]) => rows.flatMap((row) => row.split(" "));
const wide = ["{page}", "{close}", "{shiftleft}", "{backspace}"];

describe.each(Object.entries(layouts))("the keyboard in %s", (_locale, layout) => {
  it.each(Object.entries(layout))("has no key twice and none too narrow on its page of %s", (_page, rows) => {
    expect(new Set(keys(rows)).size).toBe(keys(rows).length);
    for (const row of rows) {
      // The narrow side of the glass less the margins, in rem; shares and gaps are those of the keyboard's rows.
      const parts = row.split(" ").map((key) => (key === "{space}" ? 4.5 : wide.includes(key) ? 1.5 : 1));
      const gaps = (parts.length - 1) * 0.5;
      const narrowest = (67.5 - 2.5 - gaps) / parts.reduce((sum, part) => sum + part, 0);
      expect(narrowest, row).toBeGreaterThanOrEqual(5.0625);
    }
  });

  it("writes, erases, leaves and closes on every page", () => {
    for (const rows of Object.values(layout))
      expect(keys(rows)).toEqual(expect.arrayContaining(["{space}", "{backspace}", "{page}", "{close}", "."]));
  });
});

it("every word of a polite request can be written", () => {
  const words = {
    en: "please show me a green shirt",
    es: "una camisa verde de algodón para el señor, así y un pingüino más",
    hi: "कृपया मुझे हरी कमीज़ और चमड़े का बटुआ दिखाइए",
    ar: "من فضلك قميص أخضر وحذاء",
  };
  const missing = Object.entries(words).map(([locale, text]) => {
    const layout = layouts[locale as keyof typeof words];
    const letters = new Set([...keys(layout.letters), ...keys(layout.shifted)].join("").normalize("NFC"));
    return [...text.normalize("NFC")]
      .filter((letter) => letter !== " " && letter !== "," && !letters.has(letter))
      .join("");
  });
  expect(missing).toEqual(["", "", "", ""]);
});
