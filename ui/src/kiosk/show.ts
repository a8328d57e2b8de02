import "../lib/fonts.css";
import "../lib/tokens.css";
import { mount } from "svelte";
import type { Shell } from "../lib/shell";
import Kiosk from "./Kiosk.svelte";

/** Puts the kiosk's page on the glass. */
export function show(shell: Shell): void {
  document.addEventListener("contextmenu", (event) => event.preventDefault());
  document.addEventListener("dragstart", (event) => event.preventDefault());
  mount(Kiosk, { target: document.body, props: { shell } });
}
