//! The whole way to a sound server and back: a null sink's monitor is recorded while the player speaks, and judged.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::{
    fs,
    io::{self, Read},
    os::unix::net::UnixStream,
    process::{Child, ChildStdout, Command, Stdio},
    sync::{Arc, Condvar, Mutex},
    thread,
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use tempfile::TempDir;
use tokio::sync::watch;
use voice::{Player, VoiceState};

/// Hz of the sink and of the recording.
const RATE: usize = 48_000;
/// Louder than this is sound.
const LOUD: u16 = 200;
/// How much of the tone is loud; the rest of it passes through zero.
const LOUD_SHARE: f64 = 0.992;
/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(30);
/// Says that this process is the one that plays: the test's own program, started again in the sound server's environment.
const INNER: &str = "VITRINE_VOICE_INNER";

#[test]
fn a_tone_is_heard_whole_and_a_stop_silences_it() {
    inside_a_sound_server("a_tone_is_heard_whole_and_a_stop_silences_it", || async {
        let player = Player::start();
        let mut state = player.state();
        until(&mut state, |state| state.available).await;
        let recording = Recording::start();

        player.speak(tone(1.5).boxed());
        until(&mut state, |state| state.speaking).await;
        until(&mut state, |state| !state.speaking).await;
        let heard = recording.take_once_quiet();
        // What is counted is sound: a machine under load lets a null sink stumble, but what was played stays as long as it was.
        let length = seconds(heard.loud) / LOUD_SHARE;
        assert!((1.45..1.55).contains(&length), "a tone of 1.5 s was heard for {length:.3} s: {heard:?}");

        // A busy machine wakes everybody late, so the best of some stops is what the player can do.
        let mut best = f64::INFINITY;
        for _ in 0..20 {
            player.speak(tone(4.0).boxed());
            recording.wait_for_sound(0.3);
            let before = recording.length();
            player.stop();
            until(&mut state, |state| !state.speaking).await;
            let heard = recording.take_once_quiet();
            let tail = seconds(heard.last_loud.unwrap().saturating_sub(before));
            assert!(tail < 2.0, "after a stop the tone was heard for {tail:.3} s");
            best = best.min(tail);
            if best < 0.05 {
                return;
            }
        }
        panic!("after the best of 20 stops the tone was heard for {best:.3} s");
    });
}

#[test]
fn the_voice_comes_back_with_the_sound_server() {
    inside_a_sound_server("the_voice_comes_back_with_the_sound_server", || async {
        let player = Player::start();
        let mut state = player.state();
        until(&mut state, |state| state.available).await;

        ask_server(&["unload-module", "module-null-sink"]);
        until(&mut state, |state| !state.available).await;
        ask_server(&["load-module", "module-null-sink", "sink_name=kiosk", "rate=48000"]);
        until(&mut state, |state| state.available).await;

        let recording = Recording::start();
        player.speak(tone(0.5).boxed());
        recording.wait_for_sound(0.3);
    });
}

async fn until(state: &mut watch::Receiver<VoiceState>, wanted: impl FnMut(&VoiceState) -> bool) {
    tokio::time::timeout(PATIENCE, state.wait_for(wanted)).await.unwrap().unwrap();
}

/// Runs `inner` in a process of its own whose sound server is a fresh one with a null sink, and fails as it fails.
fn inside_a_sound_server<F: Future<Output = ()>>(test: &str, inner: impl FnOnce() -> F) {
    if std::env::var_os(INNER).is_some() {
        tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(false).init();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        return runtime.block_on(inner());
    }
    let server = SoundServer::start();
    let output = server
        .within(&mut Command::new(std::env::current_exe().unwrap()))
        .args([test, "--exact", "--nocapture"])
        .env(INNER, "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A sound server of its own in a temporary folder.
struct SoundServer {
    folder: TempDir,
    process: Child,
}

impl SoundServer {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("socket");
        let script = format!(
            "load-module module-null-sink sink_name=kiosk rate=48000\nset-default-sink kiosk\n\
             load-module module-native-protocol-unix auth-anonymous=1 socket={}\n",
            socket.display()
        );
        let script_file = folder.path().join("server.pa");
        fs::write(&script_file, script).unwrap();
        let process = Command::new("pulseaudio")
            .args(["-n", "--exit-idle-time=-1", "--daemonize=no", "--use-pid-file=no", "-F"])
            .arg(&script_file)
            .envs([("HOME", folder.path()), ("XDG_RUNTIME_DIR", folder.path()), ("PULSE_RUNTIME_PATH", folder.path())])
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the package pulseaudio is installed");
        let server = Self { folder, process };
        let started = Instant::now();
        while UnixStream::connect(&socket).is_err() {
            assert!(started.elapsed() < PATIENCE, "the sound server does not answer at {}", socket.display());
            thread::yield_now();
        }
        server
    }

    fn within<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("HOME", self.folder.path())
            .env("XDG_RUNTIME_DIR", self.folder.path())
            .env("PULSE_SERVER", format!("unix:{}", self.folder.path().join("socket").display()))
    }
}

impl Drop for SoundServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn ask_server(arguments: &[&str]) {
    assert!(Command::new("pactl").args(arguments).stdout(Stdio::null()).status().unwrap().success(), "pactl {arguments:?}");
}

/// What the null sink's monitor hears.
struct Recording {
    process: Child,
    heard: Arc<(Mutex<Heard>, Condvar)>,
}

/// A recording so far, in samples.
#[derive(Clone, Copy, Debug, Default)]
struct Heard {
    length: usize,
    /// Loud ones.
    loud: usize,
    last_loud: Option<usize>,
}

impl Heard {
    fn take(&mut self, sample: i16) {
        if sample.unsigned_abs() > LOUD {
            self.last_loud = Some(self.length);
            self.loud += 1;
        }
        self.length += 1;
    }
}

impl Recording {
    fn start() -> Self {
        let mut process = Command::new("parec")
            .args(["-d", "kiosk.monitor", "--raw", "--format=s16le", "--rate=48000", "--channels=1", "--latency-msec=5"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the package pulseaudio-utils is installed");
        let heard = Arc::new((Mutex::new(Heard::default()), Condvar::new()));
        let (sound, shared) = (process.stdout.take().unwrap(), Arc::clone(&heard));
        thread::spawn(move || record(sound, &shared));
        let recording = Self { process, heard };
        recording.wait("a beginning", |heard| heard.length > 0);
        recording
    }

    /// Samples so far.
    fn length(&self) -> usize {
        self.heard.0.lock().unwrap().length
    }

    /// Waits until `span` seconds of sound were heard.
    fn wait_for_sound(&self, span: f64) {
        self.wait("sound", |heard| heard.loud > samples_in(span * LOUD_SHARE));
    }

    /// Waits for sound and half a second of silence after it, and starts over.
    fn take_once_quiet(&self) -> Heard {
        self.wait("sound and then silence", |heard| heard.last_loud.is_some_and(|last| heard.length - last > samples_in(0.5)));
        std::mem::take(&mut *self.heard.0.lock().unwrap())
    }

    fn wait(&self, wanted: &str, done: impl Fn(&Heard) -> bool) {
        let (heard, more) = &*self.heard;
        let (heard, timeout) = more.wait_timeout_while(heard.lock().unwrap(), PATIENCE, |heard| !done(heard)).unwrap();
        let heard = *heard;
        assert!(!timeout.timed_out(), "{wanted} was not heard but {heard:?}");
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn record(mut sound: ChildStdout, (heard, more): &(Mutex<Heard>, Condvar)) {
    let mut half = None;
    let mut piece = [0; 4_096];
    while let Ok(length @ 1..) = sound.read(&mut piece) {
        let mut bytes = half.take().into_iter().chain(piece[..length].iter().copied());
        let mut heard = heard.lock().unwrap();
        while let Some(low) = bytes.next() {
            match bytes.next() {
                Some(high) => heard.take(i16::from_le_bytes([low, high])),
                None => half = Some(low),
            }
        }
        drop(heard);
        more.notify_all();
    }
}

/// A WAV of 22 050 Hz in pieces.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a tone of a few seconds"
)]
fn tone(length: f32) -> impl futures_util::Stream<Item = io::Result<Bytes>> + Send {
    let header = b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\x01\0\x22\x56\0\0\x44\xac\0\0\x02\0\x10\0data\xff\xff\xff\xff";
    let sample = |n: u32| (f32::sin(n as f32 * 440.0 * std::f32::consts::TAU / 22_050.0) * 16_000.0) as i16;
    let wav: Vec<u8> =
        header.iter().copied().chain((0..(22_050.0 * length) as u32).flat_map(|n| sample(n).to_le_bytes())).collect();
    stream::iter(wav.chunks(1_001).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect::<Vec<_>>())
}

#[expect(clippy::cast_precision_loss, reason = "a recording of seconds")]
fn seconds(samples: usize) -> f64 {
    samples as f64 / RATE as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a recording of seconds"
)]
fn samples_in(seconds: f64) -> usize {
    (seconds * RATE as f64) as usize
}
