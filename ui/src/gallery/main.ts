import { show } from "../kiosk/show";
import type { Intent } from "../lib/generated/Intent";
import type { Locale } from "../lib/generated/Locale";
import type { View } from "../lib/generated/View";
import { ownNames } from "../lib/i18n/direction";
import type { Shell } from "../lib/shell";
import { themes, views } from "./views";

// `?view=attract&lang=ar&theme=neon&do=cart,larger-text`; without a view, a list of all of them.
const asked = new URLSearchParams(location.search);
const name = asked.get("view");
const lang = asked.get("lang") ?? "en";
const theme = asked.get("theme") ?? "warm";

const isLocale = (text: string): text is Locale => text in ownNames;
const isTheme = (text: string): text is keyof typeof themes => text in themes;

function dressed(view: View): View {
  return {
    ...view,
    locale: isLocale(lang) ? lang : "en",
    frame: { ...view.frame, theme: isTheme(theme) ? themes[theme] : themes.warm },
  };
}

/** A shell that shows one recorded view and answers the few intents that need nothing but the page. */
function recordedShell(first: View): Shell {
  let present = first;
  let onView: (view: View) => void = () => undefined;
  const next = (change: Partial<View>) => {
    present = { ...present, ...change, number: present.number + 1 };
    onView(present);
  };
  const answer = (intent: Intent) => {
    const { screen } = present;
    if (intent.kind === "set_locale") next({ locale: intent.locale });
    if (screen.kind === "matching" && intent.kind === "press_digit")
      next({ screen: { ...screen, typed: screen.typed + 1 } });
    if (screen.kind === "matching" && intent.kind === "erase_digit")
      next({ screen: { ...screen, typed: screen.typed - 1 } });
    if (present.overlay && intent.kind === "touched") next({ overlay: null });
  };
  return {
    watch(show) {
      onView = show;
      onView(present);
    },
    drawn: () => undefined,
    intend(intent) {
      console.info(JSON.stringify(intent));
      answer(intent);
    },
    picture: (path) => path,
  };
}

const view = name ? views[name] : undefined;
if (view) {
  show(recordedShell(dressed(view)));
  const actions = asked.get("do")?.split(",") ?? [];
  requestAnimationFrame(() => {
    for (const action of actions) document.querySelector<HTMLElement>(`[data-action="${action}"]`)?.click();
  });
} else {
  document.body.append(
    ...Object.keys(views).flatMap((known) => {
      const link = document.createElement("a");
      link.href = `?view=${known}`;
      link.textContent = known;
      return [link, document.createElement("br")];
    }),
  );
}
