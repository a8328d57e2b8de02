use std::{
    fs::{File, OpenOptions},
    io::ErrorKind,
    path::Path,
};

use super::Finding;
use crate::{Config, key::ServerKey};

/// Below this, a busy shop runs out of space within days.
const LITTLE_SPACE: u64 = 1024 * 1024 * 1024;
/// Below this, the next backup or migration does not fit.
const NO_SPACE: u64 = 64 * 1024 * 1024;

/// The data folder and what lies in it.
pub(super) fn examine(config: &Config) -> Vec<Finding> {
    let data = &config.data;
    if !data.exists() {
        return vec![Finding::warn(
            "data",
            format!("the data folder {} is not there", data.display()),
            "It is made at the first start; if there was one, check --data.",
        )];
    }
    let mut findings = vec![folder(data)];
    findings.extend(space(data));
    findings.extend([key(config), images(config)]);
    findings
}

fn folder(data: &Path) -> Finding {
    if let Err(error) = can_write(data) {
        return Finding::fail(
            "data",
            format!("the data folder {} cannot be written ({error})", data.display()),
            "Give it to the user that runs the server, or name another with --data.",
        );
    }
    if open_to_others(data) {
        return Finding::warn(
            "data",
            format!("others on this machine may look into the data folder {}", data.display()),
            format!("Run chmod 700 {}.", data.display()),
        );
    }
    Finding::ok("data", format!("{} can be written and is private", data.display()))
}

/// Tries it, because rights, quotas and read-only file systems all say no in their own way.
fn can_write(data: &Path) -> std::io::Result<()> {
    let path = data.join(format!(".doctor-{}", std::process::id()));
    let written = OpenOptions::new().write(true).create_new(true).open(&path).and_then(|file| file.sync_all());
    match written {
        Ok(()) => std::fs::remove_file(&path),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn open_to_others(path: &Path) -> bool {
    path.metadata().is_ok_and(|about| std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o077 != 0)
}

#[cfg(not(unix))]
fn open_to_others(_: &Path) -> bool {
    false
}

#[cfg(unix)]
fn space(data: &Path) -> Option<Finding> {
    let about = rustix::fs::statvfs(data).ok()?;
    Some(judge_space(about.f_bavail.saturating_mul(about.f_frsize)))
}

#[cfg(not(unix))]
fn space(_: &Path) -> Option<Finding> {
    None
}

fn judge_space(free: u64) -> Finding {
    let found = format!("{} MiB are free where the data is", free / (1024 * 1024));
    let advice = "Make room, or move the data folder to a larger disk.";
    if free < NO_SPACE {
        Finding::fail("space", found, advice)
    } else if free < LITTLE_SPACE {
        Finding::warn("space", found, advice)
    } else {
        Finding::ok("space", found)
    }
}

fn key(config: &Config) -> Finding {
    let path = config.key_file();
    match File::open(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Finding::warn(
                "key",
                format!("{} is not there", path.display()),
                "It is made at the first start; if there was one, restore it, or everybody is signed out.",
            );
        }
        _ => {}
    }
    match ServerKey::load(&path) {
        Err(error) => Finding::fail("key", format!("{error:#}"), "Restore it from where it is kept apart from the database."),
        Ok(_) if open_to_others(&path) => Finding::fail(
            "key",
            format!("others on this machine may read {}", path.display()),
            format!("Run chmod 600 {}, and consider whether somebody has it.", path.display()),
        ),
        Ok(_) => Finding::ok("key", format!("{} is there and private", path.display())),
    }
}

fn images(config: &Config) -> Finding {
    let path = config.images();
    match std::fs::read_dir(&path) {
        Ok(files) => match files.filter_map(Result::ok).count() {
            0 => Finding::warn("images", format!("{} is empty", path.display()), "Import the shop's pictures."),
            count => Finding::ok("images", format!("{count} pictures")),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => Finding::warn(
            "images",
            format!("{} is not there", path.display()),
            "Import the shop's pictures, or copy them from another node.",
        ),
        Err(error) => Finding::fail(
            "images",
            format!("{} cannot be read ({error})", path.display()),
            "Give it to the user that runs the server.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::doctor::Level;

    #[test]
    fn space_is_judged_by_what_is_left() {
        assert_eq!(judge_space(NO_SPACE - 1).level, Level::Fail);
        assert_eq!(judge_space(LITTLE_SPACE - 1).level, Level::Warn);
        assert_eq!(judge_space(LITTLE_SPACE).level, Level::Ok);
    }
}
