//! Speech programs run as separate processes. A text goes in by standard input, never by the command line, which every user
//! of the machine can read. A process dies when what waits for it is dropped.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::{
    io::AsyncWriteExt as _,
    process::{Child, Command},
};

use crate::EngineError;

/// Where `name` is on this system's search path.
pub(crate) fn installed(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|file| is_program(file))
}

fn is_program(file: &Path) -> bool {
    let Ok(about) = file.metadata() else { return false };
    #[cfg(unix)]
    let executable = std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let executable = true;
    about.is_file() && executable
}

/// A running program that was given `text`, to be killed when dropped. It sees none of our environment but the search path.
pub(crate) async fn start(
    name: &'static str,
    file: &Path,
    arguments: &[&str],
    text: &str,
    output: Stdio,
) -> Result<Child, EngineError> {
    let failed = |cause| EngineError::Program { program: name, cause };
    let mut child = Command::new(file)
        .args(arguments)
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(output)
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)?;
    if let Some(mut input) = child.stdin.take() {
        // Pieces are far shorter than a pipe's buffer, so this never waits for the program.
        input.write_all(text.as_bytes()).await.map_err(failed)?;
        input.shutdown().await.map_err(failed)?;
    }
    Ok(child)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::time::Duration;

    use tokio::io::AsyncReadExt as _;

    use super::*;

    fn command_line(process: u32) -> Option<String> {
        let bytes = std::fs::read(format!("/proc/{process}/cmdline")).ok().filter(|bytes| !bytes.is_empty())?;
        Some(String::from_utf8_lossy(&bytes).replace('\0', " "))
    }

    #[tokio::test]
    async fn a_text_goes_in_unseen_and_the_program_dies_with_its_listener() {
        // `cat -` gives back what it reads, then ends; with a second file that never ends, it stays.
        let cat = installed("cat").unwrap();
        let mut child = start("cat", &cat, &["-", "/dev/zero"], "a secret sentence", Stdio::piped()).await.unwrap();
        let mut heard = [0; 17];
        child.stdout.as_mut().unwrap().read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"a secret sentence");
        let process = child.id().unwrap();
        let seen = command_line(process).unwrap();
        assert!(seen.contains("cat") && !seen.contains("secret"), "{seen}");
        drop(child);
        tokio::time::timeout(Duration::from_secs(20), async {
            while command_line(process).is_some() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await
        .unwrap();
    }

    #[test]
    fn a_program_that_is_not_there_is_not_found() {
        assert_eq!(installed("no-such-program-of-ours"), None);
    }
}
