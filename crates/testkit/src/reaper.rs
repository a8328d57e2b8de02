//! Ends what a test has started even when the test itself is killed and can clean up nothing.
//!
//! A small shell process knows the process groups that are alive. Its standard input is a pipe that only this process holds;
//! when it closes, for whatever reason, the shell kills every group it still knows, after asking those that have something to
//! put away, and removes the folders that nobody else removes.

use std::{
    io::Write as _,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{ChildStdin, Command, Stdio},
    sync::{Mutex, OnceLock},
};

const SCRIPT: &str = r#"
trap '' INT TERM HUP
groups=" "
asked=" "
folders=""
while read -r word group; do
  case $word in
    alive) groups="$groups$group " ;;
    ask) asked="$asked$group " ;;
    over) groups="${groups%% "$group" *} ${groups#* "$group" }" ;;
    folder) folders="$folders$group
" ;;
  esac
done
for group in $asked; do
  case $groups in *" $group "*)
    kill -s QUIT "$group" 2>/dev/null
    looks=0
    while kill -0 "$group" 2>/dev/null && [ "$looks" -lt 200 ]; do sleep 0.05; looks=$((looks + 1)); done
  esac
done
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
printf %s "$folders" | while read -r folder; do
  for look in 1 2 3 4 5; do rm -rf -- "$folder" 2>/dev/null && break; sleep 0.2; done
done
"#;

static PIPE: OnceLock<Mutex<Option<ChildStdin>>> = OnceLock::new();

fn tell(word: &str, about: impl std::fmt::Display) {
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
        let _ = writeln!(pipe, "{word} {about}");
    }
}

/// This process group is to end with us.
pub fn watch(group: u32) {
    tell("alive", group);
}

/// The leader of this group puts something away when it is asked to end (SIGQUIT), so it is asked first.
pub fn ask_first(group: u32) {
    tell("ask", group);
}

/// This folder is to go with us.
pub fn remove_at_the_end(folder: &Path) {
    tell("folder", folder.display());
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

    #[test]
    fn who_has_something_to_put_away_is_asked_first_and_its_folder_goes_last() {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("a folder");
        std::fs::create_dir(&kept).unwrap();
        let note = folder.path().join("note");
        let script = format!("trap 'echo put away > {}; exit 0' QUIT; echo ready; while :; do sleep 0.02; done", note.display());
        let mut asked = Command::new("sh").args(["-c", &script]).stdout(Stdio::piped()).process_group(0).spawn().unwrap();
        let mut ready = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(asked.stdout.take().unwrap()), &mut ready).unwrap();
        let mut shell = Command::new("sh").args(["-c", SCRIPT]).stdin(Stdio::piped()).process_group(0).spawn().unwrap();
        let mut pipe = shell.stdin.take().unwrap();
        writeln!(pipe, "alive {0}\nask {0}\nfolder {1}", asked.id(), kept.display()).unwrap();
        drop(pipe);
        assert_eq!(asked.wait().unwrap().code(), Some(0));
        shell.wait().unwrap();
        assert_eq!(std::fs::read_to_string(note).unwrap(), "put away\n");
        assert!(!kept.exists());
    }
}
