import "./phone.css";
import { mount } from "svelte";
import { ServerApi } from "./api";
import { Flow } from "./flow.svelte";
import Phone from "./Phone.svelte";

const flow = new Flow(new ServerApi(), history, () => Date.now());
mount(Phone, { target: document.body, props: { flow } });
void flow.begin(location.pathname);
