import type { Locale } from "../../lib/generated/Locale";

/** Which set of keys is shown. */
export type Page = "letters" | "shifted" | "numbers";

/**
 * Rows of keys, parted by spaces, from left to right in every language, as on the keyboards people know. A name in
 * braces is a key that writes no letter. At most eleven to a row, or they would be narrower than 20 mm.
 * `{shiftleft}`, `{backspace}` and `{space}` are named as a plugged-in keyboard names them, so that pressing one there
 * shows here.
 */
export type Layout = Record<Page, string[]>;

/** Marks that stand beside the space bar. */
const marks: Record<Locale, readonly [string, string]> = {
  en: [",", "?"],
  es: ["¿", "?"],
  hi: ["।", "?"],
  ar: ["،", "؟"],
};

const numbers = ["1 2 3 4 5 6 7 8 9 0", "- / : ( ) ₹ € $ & @", "% + = ! ' \" # * {backspace}"];

function layout(locale: Locale, letters: string[], shifted: string[]): Layout {
  const [before, after] = marks[locale];
  const last = `{page} ${before} {space} . ${after} {close}`;
  return { letters: [...letters, last], shifted: [...shifted, last], numbers: [...numbers, last] };
}

function latin(locale: Locale, middleEnd: string, accented: string[] = []): Layout {
  const letters = [...accented, "q w e r t y u i o p", `a s d f g h j k l${middleEnd}`];
  const bottom = "z x c v b n m";
  return layout(
    locale,
    [...letters, `{shiftleft} ${bottom} {backspace}`],
    [...letters.map((row) => row.toUpperCase()), `{shiftleft} ${bottom.toUpperCase()} {backspace}`],
  );
}

export const layouts: Record<Locale, Layout> = {
  en: latin("en", ""),
  es: latin("es", " ñ", ["á é í ó ú ü"]),
  // The order of the InScript keyboard, which Devanagari is taught on.
  hi: layout(
    "hi",
    ["ौ ै ा ी ू ब ह ग द ज ड", "ो े ् ि ु प र क त च ट", "{shiftleft} ं म न व ल स य ृ {backspace}"],
    ["औ ऐ आ ई ऊ भ ङ घ ध झ ढ", "ओ ए अ इ उ फ ड़ ख थ छ ठ", "{shiftleft} ँ ण ष ऑ ॉ श ़ ऋ {backspace}"],
  ),
  // Letters that carry a hamza stand where their bare letters do, one key away.
  ar: layout(
    "ar",
    ["ض ص ث ق ف غ ع ه خ ح ج", "ش س ي ب ل ا ت ن م ك ط", "{shiftleft} ذ ر ى ة و ز ظ د {backspace}"],
    ["ض ص ث ق ف غ ع ه خ ح ج", "ش س ئ ب ل أ ت ن م ك ط", "{shiftleft} ذ ر آ إ ؤ ز ء د {backspace}"],
  ),
};
