import type { ApiError } from "../lib/generated/ApiError";
import type { Claim } from "../lib/generated/Claim";
import type { ClaimRequest } from "../lib/generated/ClaimRequest";
import type { ClaimState } from "../lib/generated/ClaimState";
import type { MailRequest } from "../lib/generated/MailRequest";
import type { PasswordResetRequest } from "../lib/generated/PasswordResetRequest";
import type { PhoneMe } from "../lib/generated/PhoneMe";
import type { PhoneSignIn } from "../lib/generated/PhoneSignIn";
import type { PhoneSignUp } from "../lib/generated/PhoneSignUp";
import type { ProviderAddress } from "../lib/generated/ProviderAddress";
import type { TokenRequest } from "../lib/generated/TokenRequest";
import type { Visit } from "../lib/generated/Visit";
import type { VisitRequest } from "../lib/generated/VisitRequest";

/** The server said no, and why. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly body: ApiError,
  ) {
    super(body.code);
  }
}

/** The server could not be reached. */
export class Unreachable extends Error {}

const isApiError = (body: unknown): body is ApiError =>
  typeof body === "object" && body !== null && "code" in body && "detail" in body;

/** How a claim's stream is: there, away for a while, or not given. */
export type Line = "open" | "lost" | "refused";

/** What the phone page asks of its server. */
export interface Api {
  me(): Promise<PhoneMe>;
  visit(body: VisitRequest): Promise<Visit>;
  signIn(body: PhoneSignIn): Promise<PhoneMe>;
  signUp(body: PhoneSignUp): Promise<PhoneMe>;
  signOut(): Promise<PhoneMe>;
  /** The address of a sign-in provider's page. */
  provider(id: string): Promise<ProviderAddress>;
  claim(body: ClaimRequest): Promise<Claim>;
  cancel(claim: string): Promise<ClaimState>;
  end(claim: string): Promise<ClaimState>;
  /** Follows a claim until the returned function is called; a lost line is taken up again. */
  follow(claim: string, onState: (state: ClaimState) => void, onLine: (line: Line) => void): () => void;
}

/** What the pages behind mailed links ask of it. */
export interface LinkApi {
  me(): Promise<PhoneMe>;
  askReset(body: MailRequest): Promise<void>;
  resetPassword(body: PasswordResetRequest): Promise<void>;
  confirmEmail(body: TokenRequest): Promise<void>;
}

/** The server that the page came from. */
export class ServerApi implements Api, LinkApi {
  #csrf = "";

  async me(): Promise<PhoneMe> {
    return this.#keep(await this.#call<PhoneMe>("GET", "/v1/phone/me"));
  }

  visit(body: VisitRequest): Promise<Visit> {
    return this.#call("POST", "/v1/phone/visits", body);
  }

  async signIn(body: PhoneSignIn): Promise<PhoneMe> {
    return this.#keep(await this.#call<PhoneMe>("POST", "/v1/phone/sign-in", body));
  }

  async signUp(body: PhoneSignUp): Promise<PhoneMe> {
    return this.#keep(await this.#call<PhoneMe>("POST", "/v1/phone/sign-up", body));
  }

  async signOut(): Promise<PhoneMe> {
    return this.#keep(await this.#call<PhoneMe>("POST", "/v1/phone/sign-out", {}));
  }

  provider(id: string): Promise<ProviderAddress> {
    return this.#call("POST", `/v1/phone/providers/${encodeURIComponent(id)}/start`, {});
  }

  async askReset(body: MailRequest): Promise<void> {
    await this.#call("POST", "/v1/account/password-reset", body);
  }

  async resetPassword(body: PasswordResetRequest): Promise<void> {
    await this.#call("POST", "/v1/account/password-reset/confirm", body);
  }

  async confirmEmail(body: TokenRequest): Promise<void> {
    await this.#call("POST", "/v1/account/email/confirm", body);
  }

  claim(body: ClaimRequest): Promise<Claim> {
    return this.#call("POST", "/v1/phone/claims", body);
  }

  cancel(claim: string): Promise<ClaimState> {
    return this.#call("POST", `/v1/phone/claims/${claim}/cancel`, {});
  }

  end(claim: string): Promise<ClaimState> {
    return this.#call("POST", `/v1/phone/claims/${claim}/end`, {});
  }

  follow(claim: string, onState: (state: ClaimState) => void, onLine: (line: Line) => void): () => void {
    const AGAIN_MILLIS = 2000;
    let source: EventSource | undefined;
    let again: ReturnType<typeof setTimeout> | undefined;
    const open = () => {
      source = new EventSource(`/v1/phone/claims/${claim}/events`);
      source.onopen = () => onLine("open");
      source.onmessage = (event: MessageEvent<string>) => onState(JSON.parse(event.data) as ClaimState);
      source.onerror = () => {
        const refused = source?.readyState === EventSource.CLOSED;
        if (refused) again = setTimeout(open, AGAIN_MILLIS);
        onLine(refused ? "refused" : "lost");
      };
    };
    open();
    return () => {
      clearTimeout(again);
      source?.close();
    };
  }

  #keep(me: PhoneMe): PhoneMe {
    this.#csrf = me.csrf_token;
    return me;
  }

  async #call<Answer>(method: "GET" | "POST", path: string, body?: unknown): Promise<Answer> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (method === "POST") {
      headers["Content-Type"] = "application/json";
      headers["X-CSRFToken"] = this.#csrf;
    }
    let answer: Response;
    try {
      answer = await fetch(path, {
        method,
        headers,
        credentials: "same-origin",
        cache: "no-store",
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch {
      throw new Unreachable();
    }
    const text = await answer.text().catch(() => "");
    let value: unknown;
    try {
      value = text === "" ? undefined : JSON.parse(text);
    } catch {
      value = undefined;
    }
    if (answer.ok) return value as Answer;
    if (isApiError(value)) throw new Refused(answer.status, value);
    throw new Refused(answer.status, { code: "unknown", detail: "", message: "" });
  }
}
