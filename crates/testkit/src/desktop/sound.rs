//! A sound server with one loudspeaker that nobody hears, and a microphone in front of it.

use std::{
    io::Read as _,
    process::{Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};

use crate::{
    desktop::{
        home::Home,
        recording::{RATE, Recording},
    },
    program::Program,
    wait,
};

const LIMIT: Duration = Duration::from_secs(20);

/// The server and its recorder. Everything that is played is on the recording, from the start on.
#[derive(Debug)]
pub struct Sound {
    socket: String,
    heard: Arc<Mutex<Recording>>,
    _recorder: Program,
    _server: Program,
    _home: Home,
}

impl Sound {
    /// Starts both.
    ///
    /// # Errors
    /// PulseAudio does not start.
    pub fn start() -> Result<Self> {
        let home = Home::new()?;
        let socket = home.path().join("runtime/sound").display().to_string();
        let script = home.path().join("sound.pa");
        std::fs::write(
            &script,
            format!(
                "load-module module-null-sink sink_name=kiosk rate={RATE}\n\
                 load-module module-native-protocol-unix auth-anonymous=1 socket={socket}\n\
                 set-default-sink kiosk\n"
            ),
        )?;
        let mut command = Command::new("pulseaudio");
        command.args(["-n", "--exit-idle-time=-1", "--daemonize=no", "--disallow-exit", "-F"]).arg(script).stdin(Stdio::null());
        command.env_clear().envs(home.environment());
        let server = Program::start(command)?;
        wait::blocking("the sound server listens", LIMIT, || Ok(std::fs::exists(&socket)?.then_some(())))?;

        let mut command = Command::new("parec");
        command.args(["--device=kiosk.monitor", "--raw", "--format=s16le", "--channels=1", "--latency-msec=10"]);
        command
            .arg(format!("--rate={RATE}"))
            .stdin(Stdio::null())
            .env_clear()
            .envs(home.environment())
            .env("PULSE_SERVER", format!("unix:{socket}"));
        let mut recorder = Program::start_raw(command)?;
        let mut samples = recorder.output().context("the recorder has no output")?;
        let heard = Arc::new(Mutex::new(Recording::default()));
        let keep = Arc::clone(&heard);
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            let mut odd = None;
            while let Ok(read @ 1..) = samples.read(&mut piece) {
                let now = Instant::now();
                let bytes: Vec<u8> = odd.take().into_iter().chain(piece[..read].iter().copied()).collect();
                let (pairs, rest) = bytes.as_chunks::<2>();
                odd = rest.first().copied();
                let mut recording = keep.lock().unwrap_or_else(PoisonError::into_inner);
                recording.append(now, pairs.iter().map(|pair| i16::from_le_bytes(*pair)));
            }
        });
        let sound = Self { socket, heard, _recorder: recorder, _server: server, _home: home };
        wait::blocking("the recorder hears", LIMIT, || Ok((!sound.recording().is_empty()).then_some(())))?;
        Ok(sound)
    }

    /// As `PULSE_SERVER` names it.
    #[must_use]
    pub fn server(&self) -> String {
        format!("unix:{}", self.socket)
    }

    /// Lets `command` find it.
    pub fn furnish(&self, command: &mut Command) {
        command.env("PULSE_SERVER", self.server());
    }

    /// What was heard so far.
    #[must_use]
    pub fn recording(&self) -> Recording {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until something is heard that began after `since`; its beginning.
    ///
    /// # Errors
    /// It stays silent for `limit`.
    pub async fn starts(&self, since: Instant, limit: Duration) -> Result<Instant> {
        wait::until("something is heard", limit, async || Ok(self.recording().first_sound_after(since))).await
    }

    /// Waits until it has been silent for `quiet`; the moment of the last sound.
    ///
    /// # Errors
    /// It is never silent for so long within `limit`.
    pub async fn falls_silent(&self, quiet: Duration, limit: Duration) -> Result<Option<Instant>> {
        wait::until("the sound ends", limit, async || {
            let recording = self.recording();
            let last = recording.last_sound();
            let silent = last.is_none_or(|last| recording.end().is_some_and(|end| end.saturating_duration_since(last) >= quiet));
            Ok(silent.then_some(last))
        })
        .await
    }
}
