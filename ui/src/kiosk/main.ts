import { desktopShell } from "../lib/ipc";
import { show } from "./show";

show(desktopShell());
