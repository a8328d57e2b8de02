import "./phone.css";
import { mount } from "svelte";
import { ServerApi } from "./api";
import { Flow } from "./flow.svelte";
import Phone from "./Phone.svelte";
import { tabDoor } from "./tab";

const api = new ServerApi();

function onKiosk(): void {
  const flow = new Flow(api, history, () => Date.now(), tabDoor);
  mount(Phone, { target: document.body, props: { flow } });
  void flow.begin(location.pathname, location.hash);
}

/** What a mailed link opens is fetched only then. */
async function onLink(): Promise<void> {
  const { showLink } = await import("./link/show");
  await showLink(api, location, history);
}

if (location.pathname.startsWith("/account/")) void onLink();
else onKiosk();
