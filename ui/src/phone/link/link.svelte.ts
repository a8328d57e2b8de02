import type { PhoneMe } from "../../lib/generated/PhoneMe";
import { type LinkApi, Refused, Unreachable } from "../api";
import type { Trouble } from "../flow.svelte";

/** Where somebody with a mailed link stands, or somebody who wants one. */
export type LinkStep = "loading" | "ask" | "sent" | "choose" | "saved" | "verify" | "confirmed" | "dead";

/** From a mailed link to what it is good for. */
export class Link {
  step = $state<LinkStep>("loading");
  me = $state.raw<PhoneMe>();
  busy = $state(false);
  trouble = $state.raw<Trouble>();

  #token = "";

  constructor(
    private readonly api: LinkApi,
    private readonly history: Pick<History, "replaceState">,
  ) {}

  /** Begins with the address the page was opened at. The token leaves the address bar at once; nothing is changed. */
  async begin(path: string, hash: string): Promise<void> {
    this.#token = /^#token=([A-Za-z0-9_-]{1,128})$/.exec(hash)?.[1] ?? "";
    this.history.replaceState(null, "", path);
    const verifying = path.replace(/\/$/, "").endsWith("/verify");
    this.me = await this.api.me().catch(() => undefined);
    if (verifying) this.step = this.#token ? "verify" : "dead";
    else this.step = this.#token ? "choose" : "ask";
  }

  /** Whether a link that is over can be had anew from here. */
  get again(): boolean {
    return this.#wasReset && this.me?.password_reset === true;
  }

  #wasReset = false;

  ask(email: string): Promise<void> {
    return this.#try(async () => {
      await this.api.askReset({ email });
      this.step = "sent";
    });
  }

  choose(new_password: string): Promise<void> {
    this.#wasReset = true;
    return this.#try(async () => {
      await this.api.resetPassword({ token: this.#token, new_password });
      this.step = "saved";
    });
  }

  confirm(): Promise<void> {
    return this.#try(async () => {
      await this.api.confirmEmail({ token: this.#token });
      this.step = "confirmed";
    });
  }

  askAgain(): void {
    this.trouble = undefined;
    this.step = "ask";
  }

  async #try(act: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.trouble = undefined;
    try {
      await act();
    } catch (problem) {
      if (problem instanceof Unreachable) this.trouble = { code: "offline", detail: "", fields: {} };
      else if (problem instanceof Refused && problem.body.code === "invalid_token") this.step = "dead";
      else if (problem instanceof Refused)
        this.trouble = { code: problem.body.code, detail: problem.body.detail, fields: {} };
      else throw problem;
    } finally {
      this.busy = false;
    }
  }
}
