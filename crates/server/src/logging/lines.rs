use std::{
    io::{self, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

use tracing_subscriber::fmt::MakeWriter;

/// Bytes that wait to be written; what comes beyond is counted and left out.
const MOST: usize = 8 * 1024 * 1024;
/// Room that is kept for the next lines.
const KEPT: usize = 64 * 1024;
/// Lines come in crowds: they are collected for so long, so that the thread does not wake for each of them.
const CROWD: Duration = Duration::from_millis(5);

/// The thread that writes the log. Dropping it writes what is left.
#[derive(Debug)]
pub struct Log {
    queue: Arc<Queue>,
    writer: Option<JoinHandle<()>>,
}

/// Where lines are put.
#[derive(Clone, Debug)]
pub struct Lines(Arc<Queue>);

/// A line that is being put.
#[derive(Debug)]
pub struct Line<'a>(&'a Queue);

#[derive(Debug, Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    filled: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    bytes: Vec<u8>,
    lost: u64,
    over: bool,
}

impl Log {
    /// Writes to `target`.
    ///
    /// # Errors
    /// The system has no thread for it.
    pub fn to(mut target: impl Write + Send + 'static) -> io::Result<Self> {
        let queue = Arc::<Queue>::default();
        let taken = queue.clone();
        let writer = std::thread::Builder::new().name("log".into()).spawn(move || while taken.write_some(&mut target) {})?;
        Ok(Self { queue, writer: Some(writer) })
    }

    /// Where lines are put.
    #[must_use]
    pub fn lines(&self) -> Lines {
        Lines(self.queue.clone())
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.queue.waiting().over = true;
        self.queue.filled.notify_one();
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

impl Queue {
    /// Waits for lines and writes them; answers whether there may be more.
    fn write_some(&self, target: &mut impl Write) -> bool {
        let mut waiting = self.waiting();
        while waiting.bytes.is_empty() && !waiting.over {
            waiting = self.filled.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        let goes_on = |waiting: &mut Waiting| !waiting.over;
        let (mut waiting, _) = self.filled.wait_timeout_while(waiting, CROWD, goes_on).unwrap_or_else(PoisonError::into_inner);
        let bytes = std::mem::take(&mut waiting.bytes);
        let lost = std::mem::take(&mut waiting.lost);
        let more = !waiting.over || !bytes.is_empty();
        drop(waiting);
        // A log that nobody reads is no reason to stop.
        let _ = target.write_all(&bytes);
        if lost > 0 {
            let _ = writeln!(
                target,
                "{{\"level\":\"WARN\",\"message\":\"log lines were left out because they were not taken in time\",\"lines\":{lost}}}"
            );
        }
        let _ = target.flush();
        self.give_back(bytes);
        more
    }

    fn give_back(&self, mut bytes: Vec<u8>) {
        if bytes.capacity() <= KEPT {
            bytes.clear();
            let mut waiting = self.waiting();
            if waiting.bytes.capacity() == 0 {
                waiting.bytes = bytes;
            }
        }
    }

    fn put(&self, line: &[u8]) {
        let mut waiting = self.waiting();
        if waiting.bytes.len() + line.len() > MOST {
            waiting.lost += 1;
            return;
        }
        let was_empty = waiting.bytes.is_empty();
        waiting.bytes.extend_from_slice(line);
        drop(waiting);
        if was_empty {
            self.filled.notify_one();
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line(&self.0)
    }
}

/// The subscriber hands over each line as a whole.
impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.put(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_line_is_written_in_order_before_the_log_is_gone() {
        let page = Page::default();
        let log = Log::to(page.clone()).unwrap();
        let lines = log.lines();
        for number in 0..1_000 {
            writeln!(lines.make_writer(), "{number}").unwrap();
        }
        drop(log);
        let written = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
        let expected: Vec<String> = (0..1_000).map(|number| number.to_string()).collect();
        assert_eq!(written.lines().collect::<Vec<_>>(), expected);
    }

    /// Takes nothing until it is told to.
    struct Stuck(mpsc::Receiver<()>, Page);

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.recv();
            self.1.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_does_not_read_stops_nobody_and_is_told_what_it_missed() {
        let (go_on, wait) = mpsc::channel();
        let page = Page::default();
        let log = Log::to(Stuck(wait, page.clone())).unwrap();
        let line = vec![b'x'; MOST / 8];
        for _ in 0..32 {
            log.lines().make_writer().write_all(&line).unwrap();
        }
        drop(go_on);
        drop(log);
        let written = page.0.lock().unwrap();
        assert!(written.len() <= 3 * MOST, "{}", written.len());
        assert!(String::from_utf8_lossy(&written).contains("log lines were left out"));
    }
}
