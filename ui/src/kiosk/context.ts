import { createContext } from "svelte";
import type { Shell } from "../lib/shell";
import type { Pictures } from "./pictures";

export const [getShell, setShell] = createContext<Shell>();
export const [getPictures, setPictures] = createContext<Pictures>();
