import type { Door } from "./flow.svelte";

const KEPT = "vitrine-visit";

/** The door of this tab. A browser without storage comes back to the page for typing the code. */
export const tabDoor: Door = {
  go: (address) => location.assign(address),
  remember(kept) {
    try {
      sessionStorage.setItem(KEPT, kept);
    } catch {
      // Private windows may forbid it.
    }
  },
  recall() {
    try {
      const kept = sessionStorage.getItem(KEPT) ?? undefined;
      sessionStorage.removeItem(KEPT);
      return kept;
    } catch {
      return undefined;
    }
  },
};
