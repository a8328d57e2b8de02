import type { Locale } from "../../lib/generated/Locale";

/** Rows of keys: one character a key, or one of the named keys below. */
export interface Layout {
  letters: string[][];
  shifted?: string[][];
}

const rows = (...lines: string[]) => lines.map((line) => line.split(" "));

const latin = (middleEnd: string): Layout => ({
  letters: rows("q w e r t y u i o p", `a s d f g h j k l${middleEnd}`, "shift z x c v b n m erase"),
  shifted: rows("Q W E R T Y U I O P", `A S D F G H J K L${middleEnd.toUpperCase()}`, "shift Z X C V B N M erase"),
});

/** What the keyboard shows besides letters, in every language. */
export const numbers = rows("1 2 3 4 5 6 7 8 9 0", "- / : ( ) ₹ € $ & @", "% + = ! ' \" # * erase");

export const layouts: Record<Locale, Layout> = {
  en: latin(""),
  es: latin(" ñ"),
  // The order of the InScript keyboard, which Devanagari is taught on.
  hi: {
    letters: rows("ौ ै ा ी ू ब ह ग द ज", "ो े ् ि ु प र क त च", "shift ं म न व ल स य ट erase"),
    shifted: rows("औ ऐ आ ई ऊ भ ङ घ ध झ", "ओ ए अ इ उ फ ड़ ख थ छ", "shift ँ ण ष ढ ठ श ञ ड erase"),
  },
  ar: {
    letters: rows("ض ص ث ق ف غ ع ه خ ح ج", "ش س ي ب ل ا ت ن م ك ط", "ذ ئ ء ؤ ر ى ة و ز ظ د erase"),
  },
};

/** Marks that stand beside the space bar. */
export const marks: Record<Locale, readonly [string, string]> = {
  en: [",", "?"],
  es: ["¿", "?"],
  hi: ["।", "?"],
  ar: ["،", "؟"],
};
