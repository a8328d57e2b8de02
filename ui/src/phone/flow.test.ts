import { describe, expect, it, vi } from "vitest";
import type { ClaimState } from "../lib/generated/ClaimState";
import type { ErrorCode } from "../lib/generated/ErrorCode";
import type { PhoneMe } from "../lib/generated/PhoneMe";
import type { Visit } from "../lib/generated/Visit";
import { type Api, type Line, Refused, Unreachable } from "./api";
import { Flow } from "./flow.svelte";

const theme = { accent: "#1f4d3f", accent_ink: "#ffffff", paper: "#faf7f0", ink: "#1c1b19" };
const visit: Visit = {
  ticket: "ticket",
  expires_in: 100,
  shop_name: "Shop",
  theme,
  country: "IN",
  store_name: "Store",
  store_city: "City",
  kiosk_label: "Door",
  locale: "es",
};
const me = (more: Partial<PhoneMe> = {}): PhoneMe => ({
  first_name: null,
  csrf_token: "csrf",
  live_claim: null,
  shop_name: "Shop",
  theme,
  providers: [],
  password_reset: false,
  ...more,
});
const refused = (status: number, code: ErrorCode) => new Refused(status, { code, detail: "No.", message: "No." });

function stage(answers: Partial<Api> = {}) {
  let tell: (state: ClaimState) => void = () => expect.fail("nobody follows");
  let line: (line: Line) => void = () => expect.fail("nobody follows");
  const left = vi.fn();
  const entries: unknown[] = [];
  const api: Api = {
    me: async () => me(),
    visit: async () => visit,
    signIn: async () => me({ first_name: "Asha" }),
    signUp: async () => me({ first_name: "Asha" }),
    signOut: async () => me(),
    claim: async () => ({
      claim_id: "claim",
      store_name: "Store",
      kiosk_label: "Door",
      state: { state: "digits", digits: "47", expires_in: 90 },
    }),
    cancel: async () => ({ state: "failed", reason: "cancelled" }),
    end: async () => ({ state: "ended", reason: "phone" }),
    provider: async () => ({ address: "https://id.example/authorize" }),
    follow(_claim, onState, onLine) {
      tell = onState;
      line = onLine;
      return left;
    },
    ...answers,
  };
  const history = {
    state: null as unknown,
    replaceState(state: unknown, _unused: string, url?: string | URL | null) {
      this.state = state;
      entries.push(url);
    },
  };
  const door = {
    gone: [] as string[],
    kept: undefined as string | undefined,
    go(address: string) {
      this.gone.push(address);
    },
    remember(kept: string) {
      this.kept = kept;
    },
    recall() {
      const { kept } = this;
      this.kept = undefined;
      return kept;
    },
  };
  const flow = new Flow(api, history, () => Date.now(), door);
  return {
    flow,
    door,
    history,
    entries,
    left,
    tell: (state: ClaimState) => tell(state),
    line: (now: Line) => line(now),
  };
}

const CODE = "/K/ABCDEFGHIJKLMNOPQRSTUVWX23";

describe("phone page", () => {
  it("goes from a scanned code to the end", async () => {
    const { flow, tell, left } = stage();
    await flow.begin(CODE);
    expect(flow.step.state).toBe("visit");
    flow.show("sign-in");
    await flow.signIn("98200 00101", "secret");
    expect(flow.step.state).toBe("visit");
    await flow.continue();
    expect(flow.step).toMatchObject({ state: "digits", digits: "47" });
    tell({ state: "live" });
    expect(flow.step.state).toBe("live");
    tell({ state: "ended", reason: "done" });
    expect(flow.step).toEqual({ state: "ended", reason: "done" });
    expect(left).toHaveBeenCalled();
  });

  it("takes the code out of the address bar before anything else", async () => {
    const { flow, entries } = stage({ me: () => new Promise(() => undefined) });
    void flow.begin(CODE);
    expect(entries).toEqual(["/k"]);
  });

  it("says so when a code is over", async () => {
    const { flow } = stage({ visit: () => Promise.reject(refused(404, "not_found")) });
    await flow.begin(CODE);
    expect(flow.step.state).toBe("gone");
  });

  it("a wrong typed code leaves the field where it is", async () => {
    const { flow } = stage({ visit: () => Promise.reject(refused(404, "not_found")) });
    await flow.begin("/k");
    await flow.enter("WQDK-RTMP");
    expect(flow.step.state).toBe("code-entry");
    expect(flow.trouble?.code).toBe("wrong_code");
  });

  it("a reload finds the visit again, and not after it is over", async () => {
    const first = stage();
    await first.flow.begin(CODE);
    const again = stage();
    again.history.state = first.history.state;
    await again.flow.begin("/k");
    expect(again.flow.step.state).toBe("visit");

    const late = stage();
    late.history.state = { visit: { visit, until: Date.now() - 1 } };
    await late.flow.begin("/k");
    expect(late.flow.step.state).toBe("code-entry");
  });

  it("comes back from a sign-in provider to the same visit", async () => {
    const first = stage();
    await first.flow.begin(CODE);
    first.flow.show("sign-in");
    await first.flow.signInAt("id");
    expect(first.door.gone).toEqual(["https://id.example/authorize"]);

    const back = stage({ me: async () => me({ first_name: "Asha" }) });
    back.door.kept = first.door.kept;
    await back.flow.begin("/k");
    expect(back.flow.step).toMatchObject({ state: "visit", visit: { ticket: "ticket" } });
    expect(back.flow.trouble).toBeUndefined();
    expect(back.door.kept).toBeUndefined();
  });

  it("says why a sign-in provider signed nobody in", async () => {
    const { flow, door, entries } = stage();
    door.kept = JSON.stringify({ visit: { visit, until: Date.now() + 100_000 } });
    await flow.begin("/k", "#sign-in=cancelled");
    expect(flow.step.state).toBe("visit");
    expect(flow.trouble?.code).toBe("sign_in_cancelled");
    expect(entries[0]).toBe("/k");
  });

  it("stays where it is when a sign-in provider is away", async () => {
    const { flow, door } = stage({ provider: () => Promise.reject(refused(503, "service_unavailable")) });
    await flow.begin(CODE);
    flow.show("sign-in");
    await flow.signInAt("id");
    expect(flow.step.state).toBe("sign-in");
    expect(flow.trouble?.code).toBe("service_unavailable");
    expect(door.gone).toEqual([]);
  });

  it("a reload finds a live claim again", async () => {
    const { flow, tell } = stage({ me: async () => me({ first_name: "Asha", live_claim: "claim" }) });
    await flow.begin("/k");
    tell({ state: "live" });
    expect(flow.step.state).toBe("live");
  });

  it("a claim that comes too late says that the code is over", async () => {
    const { flow } = stage({ claim: () => Promise.reject(refused(409, "handoff_over")) });
    await flow.begin(CODE);
    await flow.continue();
    expect(flow.step.state).toBe("gone");
  });

  it("a visit that nobody continued is over with its time", async () => {
    vi.useFakeTimers();
    const { flow } = stage();
    await flow.begin(CODE);
    vi.advanceTimersByTime(100_000);
    expect(flow.step.state).toBe("gone");
    vi.useRealTimers();
  });

  it("keeps what the server says about a form beside it", async () => {
    const { flow } = stage({ signIn: () => Promise.reject(refused(401, "invalid_credentials")) });
    await flow.begin(CODE);
    flow.show("sign-in");
    await flow.signIn("1", "2");
    expect(flow.step.state).toBe("sign-in");
    expect(flow.trouble).toMatchObject({ code: "invalid_credentials", detail: "No." });
  });

  it("without a network it tries again until it is there", async () => {
    vi.useFakeTimers();
    let tries = 0;
    const { flow } = stage({
      me: async () => {
        tries += 1;
        if (tries < 3) throw new Unreachable();
        return me();
      },
    });
    const begun = flow.begin(CODE);
    await vi.advanceTimersByTimeAsync(0);
    expect(flow.offline).toBe(true);
    await vi.advanceTimersByTimeAsync(4000);
    await begun;
    expect(flow.step.state).toBe("visit");
    expect(flow.offline).toBe(false);
    vi.useRealTimers();
  });

  it("ends the session and says so at once", async () => {
    const { flow, tell } = stage();
    await flow.begin(CODE);
    await flow.continue();
    tell({ state: "live" });
    await flow.endSession();
    expect(flow.step).toEqual({ state: "ended", reason: "phone" });
  });

  it("a line that comes and goes changes nothing but a sentence", async () => {
    const { flow, line, tell } = stage();
    await flow.begin(CODE);
    await flow.continue();
    tell({ state: "live" });
    line("lost");
    expect(flow.offline).toBe(true);
    expect(flow.step.state).toBe("live");
    line("open");
    expect(flow.offline).toBe(false);
  });

  it("a claim that the server does not know any more is over", async () => {
    const { flow, line, tell } = stage();
    await flow.begin(CODE);
    await flow.continue();
    tell({ state: "live" });
    line("refused");
    await vi.waitFor(() => expect(flow.step.state).toBe("ended"));
  });

  it("cancel shares nothing and asks nothing of the server", async () => {
    const claim = vi.fn();
    const { flow } = stage({ claim });
    await flow.begin(CODE);
    flow.cancel();
    expect(flow.step).toEqual({ state: "failed", reason: "cancelled" });
    expect(claim).not.toHaveBeenCalled();
  });
});
