//! A running server.

use std::{path::Path, time::Duration};

use tempfile::TempDir;
use testkit::{
    program::Program,
    server::{command, demo_shop, listening},
};

/// A machine that does other things meanwhile may take so long.
pub const SOON: Duration = Duration::from_mins(1);

/// A server with the demo shop in a folder of its own.
pub struct Place {
    pub folder: TempDir,
    pub program: Program,
    /// Where it listens, such as `127.0.0.1:40000`.
    pub address: String,
}

impl Place {
    pub fn open(arguments: &[&str]) -> Self {
        Self::open_with(arguments, &[])
    }

    /// The same with environment variables.
    pub fn open_with(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut import = command(&folder.path().join("data")).unwrap();
        import.arg("import").arg(demo_shop());
        let ended = Program::run(import, SOON).unwrap();
        assert!(ended.status.success(), "{}", ended.said);
        let (program, address) = serve(folder.path(), arguments, variables);
        Self { folder, program, address }
    }

    /// Serves again, after it has ended.
    pub fn reopen(&mut self) {
        (self.program, self.address) = serve(self.folder.path(), &[], &[]);
    }

    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Asks the program to end, and waits for nothing.
    pub fn terminate(&self) {
        self.program.ask_to_end();
    }
}

fn serve(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> (Program, String) {
    let mut command = command(&folder.join("data")).unwrap();
    command.args(["serve", "--listen", "127.0.0.1:0"]).args(arguments).envs(variables.iter().copied());
    let (program, origin) = listening(command).unwrap();
    (program, origin.strip_prefix("http://").unwrap().to_owned())
}
