//! System packages: which are needed, which are missing, and how they get here.

use std::process::Stdio;

use anyhow::bail;

use crate::{say, system};

/// What every build needs.
const BUILD: &[&str] = &[
    "build-essential",
    "pkg-config",
    "perl",
    "libwebkit2gtk-4.1-dev",
    "librsvg2-dev",
    "libasound2-dev",
    "libpulse-dev",
    "libdbus-1-dev",
    "libssl-dev",
];
/// Programs that speak.
const SPEECH: &[&str] = &["flite", "espeak-ng"];
/// What a machine without a display needs to show a window all the same.
const VIRTUAL_DISPLAY: &[&str] = &["xvfb", "dbus", "dbus-x11", "gnome-keyring"];
/// What the tests need besides.
const TESTS: &[&str] = &[
    "webkit2gtk-driver",
    "chromium",
    "chromium-driver",
    "pulseaudio",
    "pulseaudio-utils",
    "libsecret-tools",
    "fonts-noto-core",
    "postgresql",
    "nats-server",
    "faketime",
    "util-linux",
    "python3-venv",
];

/// What the machine is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To build, and to show the window on the display that is there.
    Run,
    /// To build, and to show the window where no display is.
    RunWithoutDisplay,
    /// To run the tests.
    Test,
}

fn wanted(purpose: Purpose) -> Vec<&'static str> {
    let more: &[&[&str]] = match purpose {
        Purpose::Run => &[],
        Purpose::RunWithoutDisplay => &[VIRTUAL_DISPLAY],
        Purpose::Test => &[VIRTUAL_DISPLAY, TESTS],
    };
    [BUILD, SPEECH].iter().chain(more).flat_map(|list| list.iter().copied()).collect()
}

/// A family of systems with one package tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Debian,
    Fedora,
    Arch,
    Suse,
    Other,
}

fn family(os_release: &str) -> Family {
    let value = |key: &str| {
        os_release
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
            .unwrap_or_default()
            .trim_matches('"')
            .to_owned()
    };
    let names = format!("{} {}", value("ID"), value("ID_LIKE"));
    let is = |name: &str| names.split_whitespace().any(|other| other == name);
    if is("debian") || is("ubuntu") {
        Family::Debian
    } else if is("fedora") || is("rhel") {
        Family::Fedora
    } else if is("arch") {
        Family::Arch
    } else if is("suse") || is("opensuse") {
        Family::Suse
    } else {
        Family::Other
    }
}

/// The one command to type where packages are not installed by themselves.
fn advice(family: Family) -> &'static str {
    match family {
        Family::Debian => "apt-get install",
        Family::Fedora => {
            "sudo dnf install gcc make pkgconf perl webkit2gtk4.1-devel librsvg2-devel alsa-lib-devel pulseaudio-libs-devel dbus-devel openssl-devel flite espeak-ng xorg-x11-server-Xvfb gnome-keyring"
        }
        Family::Arch => {
            "sudo pacman -S --needed base-devel webkit2gtk-4.1 librsvg alsa-lib libpulse dbus openssl espeak-ng xorg-server-xvfb gnome-keyring"
        }
        Family::Suse => {
            "sudo zypper install gcc make pkgconf perl webkit2gtk3-devel librsvg-devel alsa-devel libpulse-devel dbus-1-devel libopenssl-devel espeak-ng xorg-x11-server-Xvfb gnome-keyring"
        }
        Family::Other => {
            "install a C compiler, make, pkg-config, perl and the development files of WebKitGTK 4.1, librsvg, ALSA, PulseAudio, D-Bus and OpenSSL with your system's package tool"
        }
    }
}

fn installed(package: &str) -> bool {
    system::ask("dpkg-query", &["-W", "-f", "${db:Status-Status}", package]).as_deref() == Some("installed")
}

/// The packages that are missing; none where the system's tool cannot be asked.
pub fn missing(purpose: Purpose) -> Vec<&'static str> {
    if !system::has("dpkg-query") {
        return Vec::new();
    }
    wanted(purpose).into_iter().filter(|package| !installed(package)).collect()
}

/// Installs what is missing, or says what to type.
///
/// # Errors
/// Something is missing and cannot be installed from here.
pub fn ensure(purpose: Purpose) -> anyhow::Result<()> {
    let os_release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let family = family(&os_release);
    if family != Family::Debian {
        if system::ask("pkg-config", &["--exists", "webkit2gtk-4.1"]).is_some() {
            return Ok(());
        }
        bail!("this system's packages are not installed from here. Type this, then run the command again:\n  {}", advice(family));
    }
    let missing = missing(purpose);
    if missing.is_empty() {
        return Ok(());
    }
    say::line(&format!("These system packages are missing: {}", missing.join(" ")));
    let root = system::ask("id", &["-u"]).as_deref() == Some("0");
    if !root && !system::has("sudo") {
        bail!("type this as root, then run the command again:\n  {} {}", advice(family), missing.join(" "));
    }
    if !root {
        say::line("They are installed with sudo now; it may ask for your password.");
    }
    apt(root, &["update"], "Reading the list of packages")?;
    let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
    arguments.extend(missing);
    apt(root, &arguments, "Installing system packages")
}

fn apt(root: bool, arguments: &[&str], what: &str) -> anyhow::Result<()> {
    let mut command = if root { system::command("apt-get") } else { system::command("sudo") };
    if root {
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command.args(arguments);
        return system::run_quietly(what, &mut command);
    }
    // sudo may ask for a password, so its words and the keyboard stay with the person.
    command.args(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]).args(arguments);
    let status = command.stdin(Stdio::inherit()).status()?;
    if !status.success() {
        bail!("apt-get failed ({status}); its own words stand above");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relatives_of_debian_are_known_by_their_ancestor() {
        assert_eq!(family("ID=debian\nVERSION_ID=\"12\"\n"), Family::Debian);
        assert_eq!(family("NAME=\"Linux Mint\"\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"), Family::Debian);
        assert_eq!(family("ID=fedora\n"), Family::Fedora);
        assert_eq!(family("ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n"), Family::Suse);
        assert_eq!(family("ID=plan9\n"), Family::Other);
    }

    #[test]
    fn a_virtual_display_is_wanted_only_where_there_is_none() {
        assert!(!wanted(Purpose::Run).contains(&"xvfb"));
        assert!(wanted(Purpose::RunWithoutDisplay).contains(&"xvfb"));
        assert!(wanted(Purpose::Test).contains(&"chromium"));
    }
}
