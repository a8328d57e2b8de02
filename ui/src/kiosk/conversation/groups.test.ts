import { expect, it } from "vitest";
import type { EntryView } from "../../lib/generated/EntryView";
import { messages } from "../../lib/i18n/kiosk/index.svelte";
import { groupEntries } from "./groups";

const now = new Date(2026, 7, 20, 12, 0, 0);
const entry = (channel: EntryView["channel"], at: Date, key = at.toISOString() + channel): EntryView => ({
  key,
  channel,
  at: at.toISOString(),
  sender: "user",
  text: "",
  delivery: "sent",
  cards: [],
  stock_as_of: null,
});
const headings = (entries: EntryView[], locale: "en" | "ar" = "en") =>
  groupEntries(entries, now, locale, messages[locale].talk).map((group) => group.heading);

it("says the place and the day", () => {
  expect(
    headings([
      entry("web", new Date(2025, 11, 24, 9)),
      entry("web", new Date(2026, 7, 1, 9)),
      entry("telegram", new Date(2026, 7, 17, 9)),
      entry("whatsapp", new Date(2026, 7, 19, 23, 59)),
      entry("kiosk", new Date(2026, 7, 20, 9)),
      entry("kiosk", new Date(2026, 7, 20, 11, 59)),
    ]),
  ).toEqual([
    "24 December 2025, on the web",
    "1 August, on the web",
    "Monday, on Telegram",
    "Yesterday, on WhatsApp",
    "Earlier today, at a kiosk",
    "Now, at this kiosk",
  ]);
});

it("neighbours of one place and day share a heading", () => {
  const groups = groupEntries(
    [entry("whatsapp", new Date(2026, 7, 19, 9), "a"), entry("whatsapp", new Date(2026, 7, 19, 21), "b")],
    now,
    "en",
    messages.en.talk,
  );
  expect(groups).toHaveLength(1);
  expect(groups[0]?.entries.map((one) => one.key)).toEqual(["a", "b"]);
});

it("a kiosk whose clock is behind the server's still says now", () => {
  expect(headings([entry("kiosk", new Date(2026, 7, 20, 12, 1))])).toEqual(["Now, at this kiosk"]);
  expect(headings([entry("whatsapp", new Date(2026, 7, 20, 12, 1))])).toEqual(["Just now, on WhatsApp"]);
});

it("speaks Arabic with Latin digits", () => {
  expect(headings([entry("web", new Date(2026, 7, 1, 9))], "ar")[0]).toContain("1");
});
