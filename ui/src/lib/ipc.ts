import { Channel, convertFileSrc, invoke } from "@tauri-apps/api/core";
import type { View } from "./generated/View";
import type { Shell } from "./shell";

const BEAT_MILLIS = 5_000;

/** The window remembers what stood around the caret of the page before this one; an empty field takes its place. */
export function forgetCaret(): void {
  const field = document.createElement("input");
  field.tabIndex = -1;
  field.ariaHidden = "true";
  field.style.cssText = "position: fixed; inset-block-start: 0; opacity: 0; pointer-events: none";
  document.body.append(field);
  field.focus({ preventScroll: true });
  requestAnimationFrame(() => requestAnimationFrame(() => field.remove()));
}

/** Tells the program again and again that the page lives; one that says nothing any more is started anew. */
export function keepBeating(): void {
  const beat = () => invoke("plugin:screen|beat").catch((problem: unknown) => console.error("beat", problem));
  void beat();
  setInterval(beat, BEAT_MILLIS);
}

/** The desktop program's own shell. No other file knows Tauri. */
export function desktopShell(): Shell {
  const pictures = convertFileSrc("", "picture");
  const call = (command: string, args: Record<string, unknown>) => {
    invoke(command, args).catch((problem: unknown) => console.error(command, problem));
  };
  return {
    watch(show) {
      const onView = new Channel<View>();
      onView.onmessage = show;
      call("plugin:screen|watch", { onView });
    },
    drawn: (number) => call("plugin:screen|drawn", { number }),
    intend: (intent) => call("plugin:kiosk|intend", { intent }),
    picture: (path) => pictures + path.replace(/^\/+/, ""),
  };
}
