//! The secret by which a sound server knows its own user.

use std::{
    env, fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

/// Bytes of a cookie (`PA_NATIVE_COOKIE_LENGTH`). Servers hang up on any other number, also where they ask for none.
const LENGTH: usize = 256;

/// Sees to it that this user has a cookie where the client looks for it, as every other client of the sound server does.
///
/// # Errors
/// The home folder cannot be read or written.
pub(crate) fn ensure() -> io::Result<()> {
    if env::var_os("PULSE_COOKIE").is_some() {
        return Ok(());
    }
    let Some(home) = env::home_dir() else { return Ok(()) };
    let config = env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    ensure_in(&home, config.as_deref())
}

fn ensure_in(home: &Path, config: Option<&Path>) -> io::Result<()> {
    let wanted = home.join(".config/pulse/cookie");
    if [&wanted, &home.join(".pulse-cookie")].into_iter().any(|path| path.exists()) {
        return Ok(());
    }
    let theirs = config.and_then(|config| fs::read(config.join("pulse/cookie")).ok()).filter(|cookie| cookie.len() == LENGTH);
    let cookie = if let Some(cookie) = theirs { cookie } else { random()? };
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    if let Some(folder) = wanted.parent() {
        fs::create_dir_all(folder)?;
    }
    match options.open(&wanted) {
        Ok(mut file) => file.write_all(&cookie),
        // Another program of this user was quicker.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

#[expect(clippy::disallowed_methods, reason = "no test and no record depends on this secret's value")]
fn random() -> io::Result<Vec<u8>> {
    let mut cookie = vec![0; LENGTH];
    getrandom::fill(&mut cookie).map_err(io::Error::other)?;
    Ok(cookie)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_without_a_cookie_gets_one_that_stays() {
        let home = tempfile::tempdir().unwrap();
        ensure_in(home.path(), None).unwrap();
        let file = home.path().join(".config/pulse/cookie");
        let cookie = fs::read(&file).unwrap();
        assert_eq!(cookie.len(), LENGTH);
        assert!(cookie.iter().any(|byte| *byte != 0));
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions()) & 0o777, 0o600);
        ensure_in(home.path(), None).unwrap();
        assert_eq!(fs::read(&file).unwrap(), cookie);
    }

    #[test]
    fn the_cookie_that_the_sound_server_made_is_taken() {
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join("settings");
        fs::create_dir_all(config.join("pulse")).unwrap();
        fs::write(config.join("pulse/cookie"), [7; LENGTH]).unwrap();
        ensure_in(home.path(), Some(&config)).unwrap();
        assert_eq!(fs::read(home.path().join(".config/pulse/cookie")).unwrap(), [7; LENGTH]);
    }

    #[test]
    fn an_old_place_is_good_enough() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join(".pulse-cookie"), [7; LENGTH]).unwrap();
        ensure_in(home.path(), None).unwrap();
        assert!(!home.path().join(".config").exists());
    }
}
