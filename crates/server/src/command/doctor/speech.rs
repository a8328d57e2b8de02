use super::Finding;
use crate::speech;

/// Whether kiosks can be given a voice.
pub(super) fn engines() -> Finding {
    let installed = speech::installed_engines();
    if installed.is_empty() {
        return Finding::warn(
            "speech",
            "no speech engine is installed",
            "Install flite (English) or espeak-ng, or kiosks stay silent.",
        );
    }
    let found = format!("{} installed", installed.join(" and "));
    if installed.contains(&"espeak-ng") {
        Finding::ok("speech", found)
    } else {
        Finding::warn("speech", found, "Install espeak-ng as well: flite speaks English alone.")
    }
}
