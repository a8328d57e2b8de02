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

use super::engine::EngineError;

/// Where `name` is on this system's search path.
pub(super) fn installed(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).filter(|folder| folder.is_absolute()).map(|folder| folder.join(name)).find(|file| is_program(file))
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
pub(super) async fn start(name: &'static str, file: &Path, arguments: &[&str], text: &str, output: Stdio) -> Result<Child, EngineError> {
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
