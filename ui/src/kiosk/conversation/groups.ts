import type { Channel } from "../../lib/generated/Channel";
import type { EntryView } from "../../lib/generated/EntryView";
import type { Locale } from "../../lib/generated/Locale";
import type { KioskMessages } from "../../lib/i18n/kiosk/en";
import { tags } from "../../lib/money";

/** Entries of one place and day, under one heading. */
export interface Group {
  key: string;
  heading: string;
  entries: EntryView[];
}

const DAY = 86_400_000;
/** A hold of a kiosk never lasts longer, so what was written at a kiosk within it was written here. */
const VISIT = 15 * 60_000;
/** How long a message from elsewhere counts as just written. */
const JUST = 5 * 60_000;

const midnight = (at: Date) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
const capital = (text: string, locale: Locale) => text.charAt(0).toLocaleUpperCase(tags[locale]) + text.slice(1);

function dayName(at: Date, now: Date, locale: Locale): string {
  const days = Math.round((midnight(now) - midnight(at)) / DAY);
  if (days <= 1)
    return new Intl.RelativeTimeFormat(tags[locale], { numeric: "auto" }).format(-Math.max(0, days), "day");
  if (days < 7) return at.toLocaleDateString(tags[locale], { weekday: "long" });
  const year = at.getFullYear() === now.getFullYear() ? {} : ({ year: "numeric" } as const);
  return at.toLocaleDateString(tags[locale], { day: "numeric", month: "long", ...year });
}

function heading(channel: Channel, at: Date, now: Date, locale: Locale, say: KioskMessages["talk"]): string {
  const age = now.getTime() - at.getTime();
  if (channel === "kiosk" && age < VISIT) return say.now;
  const place = say.places[channel];
  if (age < JUST) return say.day(say.just, place);
  if (midnight(at) >= midnight(now)) return say.day(say.earlier, place);
  return say.day(capital(dayName(at, now, locale), locale), place);
}

/** Groups neighbouring entries by where and on which day they were written. */
export function groupEntries(entries: EntryView[], now: Date, locale: Locale, say: KioskMessages["talk"]): Group[] {
  const groups: Group[] = [];
  for (const entry of entries) {
    const title = heading(entry.channel, new Date(entry.at), now, locale, say);
    const last = groups.at(-1);
    if (last?.heading === title) last.entries.push(entry);
    else groups.push({ key: entry.key, heading: title, entries: [entry] });
  }
  return groups;
}
