const LETTERS = "BCDFGHJKLMNPQRSTVWXZ";
const LENGTH = 8;

/** What somebody types as a code, in the spelling of the kiosk: `WQDK-RTMP`. Letters that no code has are left out. */
export function spell(typed: string): string {
  const letters = [...typed.toUpperCase()].filter((letter) => LETTERS.includes(letter)).slice(0, LENGTH);
  return letters.length > 4 ? `${letters.slice(0, 4).join("")}-${letters.slice(4).join("")}` : letters.join("");
}

export const isWhole = (code: string): boolean => /^[A-Z]{4}-[A-Z]{4}$/.test(code);

/** The code in an address such as `/K/ABC…`. */
export function codeInPath(path: string): string | undefined {
  return /^\/k\/([a-z0-9-]{8,64})\/?$/i.exec(path)?.[1];
}
