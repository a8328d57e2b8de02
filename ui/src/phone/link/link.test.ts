import { describe, expect, it, vi } from "vitest";
import type { ErrorCode } from "../../lib/generated/ErrorCode";
import type { PhoneMe } from "../../lib/generated/PhoneMe";
import { type LinkApi, Refused, Unreachable } from "../api";
import { Link } from "./link.svelte";

const theme = { accent: "#1f4d3f", accent_ink: "#ffffff", paper: "#faf7f0", ink: "#1c1b19" };
const me: PhoneMe = {
  first_name: null,
  csrf_token: "csrf",
  live_claim: null,
  shop_name: "Shop",
  theme,
  providers: [],
  password_reset: true,
};
const refused = (status: number, code: ErrorCode) => new Refused(status, { code, detail: "No.", message: "No." });

function stage(answers: Partial<LinkApi> = {}) {
  const api = {
    me: async () => me,
    askReset: vi.fn(async () => undefined),
    resetPassword: vi.fn(async () => undefined),
    confirmEmail: vi.fn(async () => undefined),
    ...answers,
  };
  const addresses: unknown[] = [];
  const link = new Link(api, {
    replaceState(_state: unknown, _unused: string, url?: string | URL | null) {
      addresses.push(url);
    },
  });
  return { link, api, addresses };
}

describe("mailed links", () => {
  it("take their token out of the address bar before anything else", () => {
    const { link, addresses } = stage({ me: () => new Promise(() => undefined) });
    void link.begin("/account/reset", "#token=abc-_1");
    expect(addresses).toEqual(["/account/reset"]);
  });

  it("set a new password", async () => {
    const { link, api } = stage();
    await link.begin("/account/reset", "#token=abc-_1");
    expect(link.step).toBe("choose");
    await link.choose("rowing on the lake");
    expect(api.resetPassword).toHaveBeenCalledWith({ token: "abc-_1", new_password: "rowing on the lake" });
    expect(link.step).toBe("saved");
  });

  it("are asked for by address", async () => {
    const { link, api } = stage();
    await link.begin("/account/reset", "");
    expect(link.step).toBe("ask");
    await link.ask("asha@example.com");
    expect(api.askReset).toHaveBeenCalledWith({ email: "asha@example.com" });
    expect(link.step).toBe("sent");
  });

  it("confirm an address only when somebody says so", async () => {
    const { link, api } = stage();
    await link.begin("/account/verify/", "#token=abc");
    expect(link.step).toBe("verify");
    expect(api.confirmEmail).not.toHaveBeenCalled();
    await link.confirm();
    expect(link.step).toBe("confirmed");
  });

  it("say when they are over, and are asked for anew", async () => {
    const { link } = stage({ resetPassword: () => Promise.reject(refused(401, "invalid_token")) });
    await link.begin("/account/reset", "#token=abc");
    await link.choose("rowing on the lake");
    expect(link.step).toBe("dead");
    expect(link.again).toBe(true);
    link.askAgain();
    expect(link.step).toBe("ask");

    const verifying = stage();
    await verifying.link.begin("/account/verify", "#token=<b>");
    expect(verifying.link.step).toBe("dead");
    expect(verifying.link.again).toBe(false);
  });

  it("keep what the server says beside the field", async () => {
    const weak = stage({ resetPassword: () => Promise.reject(refused(400, "weak_password")) });
    await weak.link.begin("/account/reset", "#token=abc");
    await weak.link.choose("short");
    expect(weak.link).toMatchObject({ step: "choose", trouble: { code: "weak_password", detail: "No." } });
    const offline = stage({ askReset: () => Promise.reject(new Unreachable()) });
    await offline.link.begin("/account/reset", "");
    await offline.link.ask("asha@example.com");
    expect(offline.link).toMatchObject({ step: "ask", trouble: { code: "offline" } });
  });
});
