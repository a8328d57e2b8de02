import type { Locale } from "../../lib/generated/Locale";
import { tags } from "../../lib/money";

const midnight = (at: Date) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();

/** A moment of the last days as people say it: the time, and the day where it is not today. */
export function momentOf(at: Date, now: Date, locale: Locale): string {
  const time = { hour: "2-digit", minute: "2-digit" } as const;
  const day = midnight(at) === midnight(now) ? {} : ({ weekday: "long" } as const);
  return at.toLocaleString(tags[locale], { ...day, ...time });
}
