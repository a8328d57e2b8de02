//! Ends what a test has started even when the test itself is killed and can clean up nothing.
//!
//! A small shell process knows the process groups that are alive. Its standard input is a pipe that only this process holds;
//! when it closes, for whatever reason, the shell kills every group it still knows.

use std::{
    io::Write as _,
    os::unix::process::CommandExt as _,
    process::{ChildStdin, Command, Stdio},
    sync::{Mutex, OnceLock},
};

const SCRIPT: &str = r#"
trap '' INT TERM HUP
groups=" "
while read -r word group; do
  case $word in
    alive) groups="$groups$group " ;;
    over) groups="${groups%% "$group" *} ${groups#* "$group" }" ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
"#;

static PIPE: OnceLock<Mutex<Option<ChildStdin>>> = OnceLock::new();

fn tell(word: &str, group: u32) {
    let pipe = PIPE.get_or_init(|| {
        let started = Command::new("sh")
            .args(["-c", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn();
        Mutex::new(started.ok().and_then(|mut shell| shell.stdin.take()))
    });
    if let Some(pipe) = pipe.lock().unwrap_or_else(std::sync::PoisonError::into_inner).as_mut() {
        // Without the shell, what is dropped in order is still ended in order.
        let _ = writeln!(pipe, "{word} {group}");
    }
}

/// This process group is to end with us.
pub fn watch(group: u32) {
    tell("alive", group);
}

/// This process group has ended; its number may be given to somebody else.
pub fn forget(group: u32) {
    tell("over", group);
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    #[test]
    fn what_was_alive_ends_when_the_pipe_closes_and_what_was_over_is_left_alone() {
        let sleeper = || Command::new("sleep").arg("60").process_group(0).spawn().unwrap();
        let (mut alive, mut over) = (sleeper(), sleeper());
        let mut shell = Command::new("sh").args(["-c", SCRIPT]).stdin(Stdio::piped()).process_group(0).spawn().unwrap();
        let mut pipe = shell.stdin.take().unwrap();
        for group in [alive.id(), over.id()] {
            writeln!(pipe, "alive {group}").unwrap();
        }
        writeln!(pipe, "over {}", over.id()).unwrap();
        drop(pipe);
        shell.wait().unwrap();
        assert_eq!(alive.wait().unwrap().signal(), Some(9));
        assert!(over.try_wait().unwrap().is_none());
        over.kill().unwrap();
        over.wait().unwrap();
    }
}
