//! A wire with a listener in it: forwards a port of the loopback interface to another one, keeps the headers that pass, can be
//! cut, and can put an answer of its own in the server's place.

use std::{
    io::{Read, Write as _},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use anyhow::Result;

/// The wire. Dropping it cuts it.
#[derive(Debug)]
pub struct Tap {
    port: u16,
    wire: Arc<Wire>,
}

#[derive(Debug, Default)]
struct Wire {
    cut: AtomicBool,
    over: AtomicBool,
    carried: AtomicU64,
    open: Mutex<Vec<TcpStream>>,
    requests: Mutex<Vec<String>>,
    planted: Mutex<Option<(String, String)>>,
}

impl Tap {
    /// A wire to `target`.
    ///
    /// # Errors
    /// No port is free.
    pub fn to(target: u16) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let wire = Arc::<Wire>::default();
        let kept = Arc::clone(&wire);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if kept.over.load(Ordering::Acquire) {
                    return;
                }
                if !kept.cut.load(Ordering::Acquire) {
                    kept.connect(client, target);
                }
            }
        });
        Ok(Self { port, wire })
    }

    /// Where it begins.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Cuts it: what is open breaks, and nothing new comes through.
    pub fn cut(&self) {
        self.wire.cut.store(true, Ordering::Release);
        for stream in self.wire.open.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Joins it again.
    pub fn mend(&self) {
        self.wire.cut.store(false, Ordering::Release);
    }

    /// Answers the next request whose request line begins with `line` (such as `GET /v1/events`) with `status` (such as
    /// `410 Gone`) and a JSON `body`, instead of the server.
    pub fn plant(&self, line: &str, status: &str, body: &str) {
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        *self.wire.planted.lock().unwrap_or_else(PoisonError::into_inner) = Some((line.to_owned(), answer));
    }

    /// Bytes that have come from the server.
    #[must_use]
    pub fn carried(&self) -> u64 {
        self.wire.carried.load(Ordering::Relaxed)
    }

    /// The head of every request that has passed: request line and headers as they came.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.wire.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.wire.over.store(true, Ordering::Release);
        self.cut();
        // Wakes the listener, so that it sees that it is over.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

impl Wire {
    fn connect(self: &Arc<Self>, client: TcpStream, target: u16) {
        let Ok(server) = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, target))) else {
            return;
        };
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        let copies = (client.try_clone(), server.try_clone(), client.try_clone(), server.try_clone());
        let (Ok(client_back), Ok(server_back), Ok(client_kept), Ok(server_kept)) = copies else {
            return;
        };
        self.open.lock().unwrap_or_else(PoisonError::into_inner).extend([client_kept, server_kept]);
        let wire = Arc::clone(self);
        let mut reply = client_back.try_clone();
        std::thread::spawn(move || {
            let mut heads = Heads::default();
            pump(client, server, |bytes| {
                let heads = heads.read(bytes);
                let planted = wire.planted_for(&heads);
                wire.requests.lock().unwrap_or_else(PoisonError::into_inner).extend(heads);
                let Some((answer, reply)) = planted.zip(reply.as_mut().ok()) else { return true };
                let _ = reply.write_all(answer.as_bytes()).and_then(|()| reply.shutdown(Shutdown::Both));
                false
            });
        });
        let wire = Arc::clone(self);
        std::thread::spawn(move || {
            pump(server_back, client_back, |bytes| {
                wire.carried.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                true
            });
        });
    }

    fn planted_for(&self, heads: &[String]) -> Option<String> {
        let mut planted = self.planted.lock().unwrap_or_else(PoisonError::into_inner);
        planted.take_if(|(line, _)| heads.iter().any(|head| head.starts_with(line.as_str()))).map(|(_, answer)| answer)
    }
}

/// Forwards until one side ends or `look` says no; what it said no to is not forwarded.
fn pump(mut from: TcpStream, mut to: TcpStream, mut look: impl FnMut(&[u8]) -> bool) {
    let mut piece = [0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut piece) {
        if !look(&piece[..read]) || to.write_all(&piece[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
    let _ = from.shutdown(Shutdown::Read);
}

/// Finds the heads among the bytes of one connection's requests (HTTP/1.1 with `Content-Length`).
#[derive(Debug, Default)]
struct Heads {
    pending: Vec<u8>,
    body_left: usize,
}

impl Heads {
    fn read(&mut self, bytes: &[u8]) -> Vec<String> {
        self.pending.extend(bytes);
        let mut heads = Vec::new();
        loop {
            let skipped = self.body_left.min(self.pending.len());
            self.pending.drain(..skipped);
            self.body_left -= skipped;
            let Some(end) = self.pending.windows(4).position(|four| four == b"\r\n\r\n") else {
                return heads;
            };
            let head = String::from_utf8_lossy(&self.pending[..end]).into_owned();
            self.pending.drain(..end + 4);
            self.body_left = header(&head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
            heads.push(head);
        }
    }
}

/// The value of a header in a request's head.
#[must_use]
pub fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .find(|(found, _)| found.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_found_across_pieces_and_bodies() {
        let mut heads = Heads::default();
        assert!(heads.read(b"POST /a HTTP/1.1\r\nContent-Le").is_empty());
        assert_eq!(heads.read(b"ngth: 8\r\n\r\n1234"), ["POST /a HTTP/1.1\r\nContent-Length: 8"]);
        assert_eq!(heads.read(b"\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n"), ["GET /b HTTP/1.1\r\nHost: x"]);
    }

    #[test]
    fn a_cut_wire_carries_nothing_until_it_is_mended() {
        let echo = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = echo.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for mut stream in echo.incoming().flatten() {
                std::thread::spawn(move || std::io::copy(&mut stream.try_clone().unwrap(), &mut stream));
            }
        });
        let tap = Tap::to(port).unwrap();
        let ask = || -> std::io::Result<[u8; 2]> {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, tap.port()))?;
            stream.write_all(b"hi")?;
            let mut answer = [0; 2];
            stream.read_exact(&mut answer)?;
            Ok(answer)
        };
        assert_eq!(&ask().unwrap(), b"hi");
        tap.cut();
        assert!(ask().is_err());
        tap.mend();
        assert_eq!(&ask().unwrap(), b"hi");
    }

    #[test]
    fn a_planted_answer_takes_the_servers_place_once() {
        let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let tap = Tap::to(server.local_addr().unwrap().port()).unwrap();
        tap.plant("GET /b", "410 Gone", "{}");
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, tap.port())).unwrap();
        stream.write_all(b"GET /b HTTP/1.1\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 410 Gone\r\n") && answer.ends_with("\r\n\r\n{}"), "{answer}");
        assert_eq!(tap.wire.planted_for(&["GET /b".into()]), None);
    }
}
