/** sRGB, each part from 0 to 1. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** Lightness 0 to 1, chroma from 0, hue in radians (Oklab's polar form). */
export type Oklch = readonly [lightness: number, chroma: number, hue: number];

const toLinear = (part: number) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
const fromLinear = (part: number) => (part <= 0.0031308 ? part * 12.92 : 1.055 * part ** (1 / 2.4) - 0.055);
const clamp = (part: number) => Math.min(1, Math.max(0, part));

/** Reads `#rgb` and `#rrggbb`; anything else is undefined. */
export function parseHex(text: string): Rgb | undefined {
  const short = /^#([\da-f])([\da-f])([\da-f])$/i.exec(text.trim());
  const long = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(text.trim());
  const parts = long ? long.slice(1) : short?.slice(1).map((digit) => digit + digit);
  if (!parts) return undefined;
  const [red = 0, green = 0, blue = 0] = parts.map((part) => Number.parseInt(part, 16) / 255);
  return [red, green, blue];
}

export function toHex(colour: Rgb): string {
  return `#${colour
    .map((part) =>
      Math.round(clamp(part) * 255)
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;
}

/** `share` of `over` laid on `under`. */
export function mix(under: Rgb, over: Rgb, share: number): Rgb {
  const part = (index: 0 | 1 | 2) => under[index] + (over[index] - under[index]) * share;
  return [part(0), part(1), part(2)];
}

/** Relative luminance of WCAG, 0 to 1. */
export function luminance([red, green, blue]: Rgb): number {
  return 0.2126 * toLinear(red) + 0.7152 * toLinear(green) + 0.0722 * toLinear(blue);
}

/** Contrast ratio of WCAG, 1 to 21. */
export function contrast(one: Rgb, other: Rgb): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

/** `colour` moved towards `anchor` until it stands out from `ground` by `ratio`. */
export function readable(colour: Rgb, ground: Rgb, anchor: Rgb, ratio: number): Rgb {
  for (let share = 0; share < 1; share += 0.05) {
    const moved = mix(colour, anchor, share);
    if (contrast(moved, ground) >= ratio) return moved;
  }
  return anchor;
}

export function toOklch(colour: Rgb): Oklch {
  const [red, green, blue] = colour.map(toLinear) as [number, number, number];
  const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const middle = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  const lightness = 0.2104542553 * long + 0.793617785 * middle - 0.0040720468 * short;
  const a = 1.9779984951 * long - 2.428592205 * middle + 0.4505937099 * short;
  const b = 0.0259040371 * long + 0.7827717662 * middle - 0.808675766 * short;
  return [lightness, Math.hypot(a, b), Math.atan2(b, a)];
}

export function fromOklch([lightness, chroma, hue]: Oklch): Rgb {
  const a = chroma * Math.cos(hue);
  const b = chroma * Math.sin(hue);
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear: Rgb = [
    4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * middle + 1.707614701 * short,
  ];
  const part = (index: 0 | 1 | 2) => clamp(fromLinear(Math.max(0, linear[index])));
  return [part(0), part(1), part(2)];
}

const plainTint: Oklch = [0.925, 0.011, 1.4];

/**
 * A quiet surface in a product's own hue. Dark products stand on a pale ground; very light ones on a slightly deeper
 * one, those between on a still paler one, so that their edge stays visible. `deeper` (in Oklab lightness) sets neighbours of one hue apart.
 */
export function productTint(colourHex: string | null | undefined, deeper = 0): string {
  const colour = colourHex ? parseHex(colourHex) : undefined;
  const [lightness, chroma, hue] = colour ? toOklch(colour) : plainTint;
  const ground = (!colour || lightness < 0.76 ? plainTint[0] : lightness > 0.88 ? 0.86 : 0.955) - deeper;
  const grey = chroma < 0.02;
  return toHex(fromOklch([ground, grey ? plainTint[1] : Math.min(0.026, chroma * 0.22), grey ? plainTint[2] : hue]));
}
