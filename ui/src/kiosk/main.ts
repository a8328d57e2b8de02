import { desktopShell, forgetCaret, keepBeating } from "../lib/ipc";
import { show } from "./show";

show(desktopShell());
keepBeating();
forgetCaret();
