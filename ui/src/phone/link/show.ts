import { mount } from "svelte";
import type { LinkApi } from "../api";
import LinkPage from "./LinkPage.svelte";
import { Link } from "./link.svelte";

/** Shows what a mailed link opens. */
export async function showLink(
  api: LinkApi,
  place: Pick<Location, "pathname" | "hash">,
  history: Pick<History, "replaceState">,
): Promise<void> {
  const link = new Link(api, history);
  const { pathname, hash } = place;
  const begun = link.begin(pathname, hash);
  mount(LinkPage, { target: document.body, props: { link } });
  await begun;
}
