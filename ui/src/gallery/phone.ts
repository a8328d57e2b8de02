import "../phone/phone.css";
import { mount } from "svelte";
import type { ClaimState } from "../lib/generated/ClaimState";
import type { Locale } from "../lib/generated/Locale";
import type { PhoneMe } from "../lib/generated/PhoneMe";
import type { Visit } from "../lib/generated/Visit";
import { ownNames } from "../lib/i18n/direction";
import { language } from "../lib/i18n/phone/index.svelte";
import { type Api, Refused, Unreachable } from "../phone/api";
import { Flow } from "../phone/flow.svelte";
import { showLink } from "../phone/link/show";
import Phone from "../phone/Phone.svelte";
import { themes } from "./views";

// `phone.html?state=digits&lang=ar&theme=neon`
const asked = new URLSearchParams(location.search);
const state = asked.get("state") ?? "visit";
const lang = asked.get("lang") ?? "en";
const isLocale = (text: string): text is Locale => text in ownNames;
const isTheme = (text: string): text is keyof typeof themes => text in themes;
const wanted = asked.get("theme") ?? "warm";
const theme = isTheme(wanted) ? themes[wanted] : themes.warm;

const visit: Visit = {
  ticket: "",
  expires_in: 110,
  shop_name: "Maren & Co",
  theme,
  country: "IN",
  store_name: "Linking Road",
  store_city: "Mumbai",
  kiosk_label: "By the fitting rooms",
  locale: isLocale(lang) ? lang : "en",
};
const known = !["sign-in", "sign-up", "visit-unknown", "refused"].includes(state);
const me = (signedIn: boolean): PhoneMe => ({
  first_name: signedIn ? "Asha" : null,
  csrf_token: "",
  live_claim: null,
  shop_name: "Maren & Co",
  theme,
  providers: [{ id: "example", name: "Example ID" }],
  password_reset: true,
});

const states: Record<string, ClaimState> = {
  digits: { state: "digits", digits: "47", expires_in: 94 },
  live: { state: "live" },
  ended: { state: "ended", reason: "done" },
  failed: { state: "failed", reason: "second_phone" },
};

const refuse = () =>
  Promise.reject(
    new Refused(401, {
      code: "invalid_credentials",
      detail: "Unknown account or wrong password.",
      message: "Unknown account or wrong password.",
    }),
  );

const api: Api = {
  me: () => (state === "offline" ? Promise.reject(new Unreachable()) : Promise.resolve(me(known))),
  visit: () =>
    state === "gone"
      ? Promise.reject(new Refused(404, { code: "not_found", detail: "", message: "" }))
      : Promise.resolve(visit),
  signIn: () => (state === "refused" ? refuse() : Promise.resolve(me(true))),
  signUp: () => Promise.resolve(me(true)),
  signOut: () => Promise.resolve(me(false)),
  claim: () =>
    Promise.resolve({
      claim_id: "",
      store_name: visit.store_name,
      kiosk_label: visit.kiosk_label,
      state: { state: "digits", digits: "47", expires_in: 94 },
    }),
  cancel: () => Promise.resolve({ state: "failed", reason: "cancelled" }),
  end: () => Promise.resolve({ state: "ended", reason: "phone" }),
  provider: () => Promise.reject(new Unreachable()),
  follow(_claim, onState) {
    const found = states[state];
    if (found) onState(found);
    return () => undefined;
  },
};

const linkStates: Record<string, [path: string, hash: string]> = {
  "link-ask": ["/account/reset", ""],
  "link-choose": ["/account/reset", "#token=abc"],
  "link-verify": ["/account/verify", "#token=abc"],
  "link-dead": ["/account/verify", ""],
};
const asLink = linkStates[state];

async function showLinkPage([pathname, hash]: [path: string, hash: string]): Promise<void> {
  const done = () => Promise.resolve();
  const linkApi = { me: api.me, askReset: done, resetPassword: done, confirmEmail: done };
  await showLink(linkApi, { pathname, hash }, { replaceState: () => undefined });
  await language.speak(isLocale(lang) ? lang : "en");
}

async function showPage(): Promise<void> {
  const door = { go: () => undefined, remember: () => undefined, recall: () => undefined };
  const flow = new Flow(api, { state: null, replaceState: () => undefined }, () => Date.now(), door);
  mount(Phone, { target: document.body, props: { flow } });
  await flow.begin(
    state === "code-entry" ? "/k" : "/K/ABCDEFGHIJKLMNOPQRSTUVWX23",
    state === "visit-unknown" ? "#sign-in=cancelled" : "",
  );
  if (state === "sign-in" || state === "sign-up") flow.show(state);
  if (state === "refused") {
    flow.show("sign-in");
    await flow.signIn("98200 00101", "wrong");
  }
  if (state in states) await flow.continue();
}

await (asLink ? showLinkPage(asLink) : showPage());
