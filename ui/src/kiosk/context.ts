import { createContext } from "svelte";
import type { Shell } from "../lib/shell";

export const [getShell, setShell] = createContext<Shell>();
