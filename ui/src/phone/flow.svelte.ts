import type { ClaimState } from "../lib/generated/ClaimState";
import type { EndReason } from "../lib/generated/EndReason";
import type { HandoffEnd } from "../lib/generated/HandoffEnd";
import type { Locale } from "../lib/generated/Locale";
import type { PhoneMe } from "../lib/generated/PhoneMe";
import type { Theme } from "../lib/generated/Theme";
import type { Visit } from "../lib/generated/Visit";
import { type Api, Refused, Unreachable } from "./api";
import { codeInPath } from "./code";

/** Where the customer stands. */
export interface Place {
  store: string;
  kiosk: string;
}

export type Step =
  | { state: "loading" }
  | { state: "code-entry" }
  | { state: "visit" | "sign-in" | "sign-up"; visit: Visit }
  | { state: "digits"; digits: string; until: number }
  | { state: "live" }
  | { state: "ended"; reason: EndReason }
  | { state: "failed"; reason: HandoffEnd }
  | { state: "gone" };

/** What a reload of the page finds again; it leaves with the tab. */
interface Kept {
  visit?: { visit: Visit; until: number };
  place?: Place;
}

/** The way to a sign-in provider and back: this page ends and another one begins, in the same tab. */
export interface Door {
  go(address: string): void;
  remember(kept: string): void;
  /** What was remembered, once. */
  recall(): string | undefined;
}

const AGAIN_MILLIS = 2000;

/** What went wrong with what the customer just did. */
export interface Trouble {
  code: string;
  /** The server's sentence, in English. */
  detail: string;
  fields: Record<string, { code: string; detail: string }>;
}

/** The path from a scanned code to "Ended", and every way off it. */
export class Flow {
  step = $state.raw<Step>({ state: "loading" });
  me = $state.raw<PhoneMe>();
  place = $state.raw<Place>();
  theme = $state.raw<Theme>();
  shopName = $state("");
  /** The language chosen at the kiosk, once known. */
  kioskLocale = $state<Locale>();
  busy = $state(false);
  offline = $state(false);
  trouble = $state.raw<Trouble>();

  #claim: string | undefined;
  #unfollow: (() => void) | undefined;
  #expiry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly api: Api,
    private readonly history: Pick<History, "state" | "replaceState">,
    private readonly now: () => number,
    private readonly door: Door,
  ) {}

  /** Begins with the address the page was opened at. The code leaves the address bar at once. */
  async begin(path: string, hash = ""): Promise<void> {
    const code = codeInPath(path);
    const back = /^#sign-in=([a-z]+)$/.exec(hash)?.[1];
    if (back) this.history.replaceState(this.history.state, "", "/k");
    const kept = (this.history.state ?? this.#recalled() ?? {}) as Kept;
    if (code) this.history.replaceState({ code }, "", "/k");
    const pending = code ?? (this.history.state as { code?: string } | null)?.code;
    this.place = kept.place;
    await this.#persist(async () => {
      this.#know(await this.api.me());
      if (pending) await this.#look(pending);
      else if (this.me?.live_claim) this.#follow(this.me.live_claim);
      else if (kept.visit && kept.visit.until > this.now()) this.#arrive(kept.visit.visit, kept.visit.until);
      else this.step = { state: "code-entry" };
      if (back && back !== "linked") this.trouble = { code: `sign_in_${back}`, detail: "", fields: {} };
    });
  }

  /** Looks up a typed code. */
  async enter(code: string): Promise<void> {
    await this.#try(async () => {
      try {
        await this.#look(code);
      } catch (problem) {
        if (problem instanceof Refused && problem.status === 404) {
          this.trouble = { code: "wrong_code", detail: "", fields: {} };
        } else throw problem;
      }
      if (this.step.state === "gone") {
        this.step = { state: "code-entry" };
        this.trouble = { code: "wrong_code", detail: "", fields: {} };
      }
    });
  }

  typeInstead(): void {
    this.trouble = undefined;
    this.step = { state: "code-entry" };
  }

  show(state: "visit" | "sign-in" | "sign-up"): void {
    this.trouble = undefined;
    if ("visit" in this.step) this.step = { state, visit: this.step.visit };
  }

  signIn(phone_number: string, password: string): Promise<void> {
    return this.#account(() => this.api.signIn({ phone_number, password }));
  }

  signUp(name: string, phone_number: string, password: string): Promise<void> {
    return this.#account(() => this.api.signUp({ name, phone_number, password }));
  }

  /** Leaves for a sign-in provider; the browser comes back to this visit. */
  async signInAt(id: string): Promise<void> {
    await this.#try(async () => {
      const { address } = await this.api.provider(id);
      this.door.remember(JSON.stringify(this.history.state));
      this.door.go(address);
    });
  }

  async switchAccount(): Promise<void> {
    await this.#try(async () => {
      this.#know(await this.api.signOut());
      this.show("sign-in");
    });
  }

  async continue(): Promise<void> {
    const { step } = this;
    if (!("visit" in step)) return;
    await this.#try(async () => {
      try {
        const claim = await this.api.claim({ ticket: step.visit.ticket });
        this.place = { store: claim.store_name, kiosk: claim.kiosk_label };
        this.#keep({ place: this.place });
        this.#enter(claim.state);
        this.#follow(claim.claim_id);
      } catch (problem) {
        if (!(problem instanceof Refused)) throw problem;
        if (problem.status === 401) {
          this.#know(await this.api.me());
          this.show("sign-in");
        } else if (problem.status === 404 || problem.body.code === "handoff_over") this.#end({ state: "gone" });
        else throw problem;
      }
    });
  }

  /** Before anything was claimed: the page simply lets go. */
  cancel(): void {
    this.#end({ state: "failed", reason: "cancelled" });
  }

  async notMe(): Promise<void> {
    const claim = this.#claim;
    if (claim) await this.#try(async () => this.#enter(await this.api.cancel(claim)));
  }

  async endSession(): Promise<void> {
    const claim = this.#claim;
    if (claim) await this.#try(async () => this.#enter(await this.api.end(claim)));
  }

  #recalled(): Kept | undefined {
    try {
      return (JSON.parse(this.door.recall() ?? "null") as Kept | null) ?? undefined;
    } catch {
      return undefined;
    }
  }

  async #look(code: string): Promise<void> {
    try {
      const visit = await this.api.visit({ code });
      this.#arrive(visit, this.now() + visit.expires_in * 1000);
    } catch (problem) {
      if (problem instanceof Refused && [400, 404, 409, 422].includes(problem.status)) this.#end({ state: "gone" });
      else throw problem;
    }
  }

  #arrive(visit: Visit, until: number): void {
    this.shopName = visit.shop_name;
    this.theme = visit.theme;
    this.kioskLocale = visit.locale;
    this.place = { store: visit.store_name, kiosk: visit.kiosk_label };
    this.#keep({ visit: { visit, until }, place: this.place });
    this.step = { state: "visit", visit };
    clearTimeout(this.#expiry);
    this.#expiry = setTimeout(() => "visit" in this.step && this.#end({ state: "gone" }), until - this.now());
  }

  #know(me: PhoneMe): void {
    this.me = me;
    this.shopName ||= me.shop_name;
    this.theme ??= me.theme;
  }

  async #account(ask: () => Promise<PhoneMe>): Promise<void> {
    await this.#try(async () => {
      this.#know(await ask());
      this.show("visit");
    });
  }

  #follow(claim: string): void {
    this.#claim = claim;
    this.#unfollow?.();
    this.#unfollow = this.api.follow(
      claim,
      (state) => this.#enter(state),
      (line) => {
        this.offline = line !== "open";
        if (line === "refused") void this.#recheck(claim);
      },
    );
  }

  /** Where the server gives no stream any more, it says at least whether the claim still lives. */
  async #recheck(claim: string): Promise<void> {
    const me = await this.api.me().catch(() => undefined);
    if (!me || me.live_claim === claim || this.#claim !== claim) return;
    this.#know(me);
    this.#end(
      this.step.state === "live" ? { state: "ended", reason: "session_ended" } : { state: "failed", reason: "expired" },
    );
  }

  #enter(state: ClaimState): void {
    clearTimeout(this.#expiry);
    if (state.state === "digits")
      this.step = { state: "digits", digits: state.digits, until: this.now() + state.expires_in * 1000 };
    else if (state.state === "live") this.step = { state: "live" };
    else this.#end(state);
  }

  #end(step: Step): void {
    clearTimeout(this.#expiry);
    this.#unfollow?.();
    this.#unfollow = undefined;
    this.#claim = undefined;
    this.offline = false;
    this.#keep({});
    this.step = step;
  }

  #keep(kept: Kept): void {
    this.history.replaceState(kept, "", "/k");
  }

  /** Runs what the customer asked for; what goes wrong is shown beside it. */
  async #try(act: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.trouble = undefined;
    try {
      await act();
      this.offline = false;
    } catch (problem) {
      if (problem instanceof Unreachable) this.trouble = { code: "offline", detail: "", fields: {} };
      else if (problem instanceof Refused) {
        const fields = (problem.body.errors ?? []).map(
          (field) => [field.field, { code: field.code, detail: field.message }] as const,
        );
        this.trouble = { code: problem.body.code, detail: problem.body.detail, fields: Object.fromEntries(fields) };
      } else throw problem;
    } finally {
      this.busy = false;
    }
  }

  /** Runs `act` until the server can be reached and answers. */
  async #persist(act: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        await act();
        this.offline = false;
        return;
      } catch (problem) {
        if (!(problem instanceof Unreachable || problem instanceof Refused)) throw problem;
        this.offline = problem instanceof Unreachable;
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MILLIS));
      }
    }
  }
}
