import type { Locale } from "../../lib/generated/Locale";
import { tags } from "../../lib/money";

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/** The largest whole unit between two moments, and how many of it. A span that runs backwards is none. */
function largest(from: string, to: string) {
  const seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  const [unit, length] = UNITS.find(([, size]) => seconds >= size) ?? UNITS[3];
  return { unit, count: Math.floor(seconds / length) };
}

/** The time between two moments in its largest whole unit, such as "3 minutes". A span that runs backwards is none. */
export function span(from: string, to: string, locale: Locale): string {
  const { unit, count } = largest(from, to);
  return new Intl.NumberFormat(tags[locale], { style: "unit", unit, unitDisplay: "long" }).format(count);
}

/** How long ago a moment was in its largest whole unit, such as "3 minutes ago". */
export function ago(from: string, to: string, locale: Locale): string {
  const { unit, count } = largest(from, to);
  return new Intl.RelativeTimeFormat(tags[locale]).format(-count, unit);
}
