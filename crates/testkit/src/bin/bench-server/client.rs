//! A client of HTTP/1.1 that costs next to nothing: requests are bytes made ahead, answers are read as far as their length.

use std::{
    io::ErrorKind,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use futures_util::future::try_join_all;
use serde_json::Value;
use tokio::net::TcpStream;

use testkit::bench::Sample;

/// A connection that is kept alive.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
}

/// Where the parts of an answer lie in the buffer.
struct Answer {
    status: u16,
    body: std::ops::Range<usize>,
}

impl Connection {
    pub async fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; 16 * 1024], filled: 0 })
    }

    /// Sends a request and reads the whole answer; answers with its status and body.
    pub async fn call(&mut self, request: &[u8]) -> Result<(u16, &[u8])> {
        self.send(request).await?;
        self.filled = 0;
        let answer = loop {
            if let Some(answer) = read(&self.buffer[..self.filled])? {
                break answer;
            }
            self.receive().await?;
        };
        while self.filled < answer.body.end {
            self.receive().await?;
        }
        Ok((answer.status, &self.buffer[answer.body]))
    }

    /// As [`Connection::call`], for an answer with a JSON body.
    pub async fn json(&mut self, request: &[u8]) -> Result<Value> {
        let (status, body) = self.call(request).await?;
        ensure!((200..300).contains(&status), "answered {status}: {}", String::from_utf8_lossy(body));
        Ok(serde_json::from_slice(body)?)
    }

    async fn send(&mut self, mut request: &[u8]) -> Result<()> {
        while !request.is_empty() {
            match self.stream.try_write(request) {
                Ok(sent) => request = request.get(sent..).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.stream.writable().await?,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    async fn receive(&mut self) -> Result<()> {
        if self.filled == self.buffer.len() {
            self.buffer.resize(2 * self.filled, 0);
        }
        loop {
            self.stream.readable().await?;
            match self.stream.try_read(&mut self.buffer[self.filled..]) {
                Ok(0) => bail!("the server closed the connection"),
                Ok(read) => {
                    self.filled += read;
                    return Ok(());
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// The answer whose head is in `bytes`; none while it is not complete.
fn read(bytes: &[u8]) -> Result<Option<Answer>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let mut lines = bytes[..end].split(|byte| *byte == b'\n');
    let status = lines.next().and_then(|line| line.get(9..12)).and_then(number).context("the answer has no status")?;
    let length = lines.find_map(|line| {
        let (name, value) = line.split_at_checked(15)?;
        name.eq_ignore_ascii_case(b"content-length:").then(|| number(value))
    });
    let length = length.flatten().context("the answer does not tell its length")?;
    Ok(Some(Answer { status: u16::try_from(status)?, body: end + 4..end + 4 + length }))
}

fn number(text: &[u8]) -> Option<usize> {
    std::str::from_utf8(text).ok()?.trim().parse().ok()
}

/// A request as bytes. `from` numbers the caller, whose address it becomes.
pub fn request(method: &str, path: &str, from: usize, headers: &[(&str, &str)], body: Option<&Value>) -> Vec<u8> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: {}\r\n", address(from));
    for (name, value) in headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    let body = body.map(Value::to_string);
    if let Some(body) = &body {
        head.extend(["Content-Type: application/json\r\nContent-Length: ", &body.len().to_string(), "\r\n"]);
    }
    head.push_str("\r\n");
    head.push_str(&body.unwrap_or_default());
    head.into_bytes()
}

fn address(number: usize) -> String {
    format!("10.{}.{}.{}", number / 65_536 % 256, number / 256 % 256, number % 256)
}

/// Stands for a number in a request, another one each time that it is sent.
pub const NUMBER: &str = "##########";

/// What is sent how. A request may hold a [`NUMBER`].
#[derive(Clone, Copy)]
pub struct Load<'a> {
    pub port: u16,
    pub connections: usize,
    pub seconds: u64,
    pub requests: &'a [Vec<u8>],
    pub draw: Draw,
}

/// Which of the requests a connection draws from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Draw {
    /// All of them.
    Any,
    /// Its own share, so that nobody else sends the same at the same time.
    Own,
}

impl Load<'_> {
    /// Puts the load on the server, after a second that does not count. Every answer must be a success.
    pub async fn run(self) -> Result<Sample> {
        let mut connections = Vec::new();
        for _ in 0..self.connections {
            connections.push(Connection::open(self.port).await?);
        }
        let counted_from = Instant::now() + Duration::from_secs(1);
        let until = counted_from + Duration::from_secs(self.seconds);
        let each =
            connections.into_iter().enumerate().map(|(number, connection)| self.one(number, connection, counted_from, until));
        let latencies: Vec<Vec<u32>> = try_join_all(each).await?;
        Sample::of(latencies.concat(), self.seconds)
    }

    async fn one(self, number: usize, mut connection: Connection, counted_from: Instant, until: Instant) -> Result<Vec<u32>> {
        let mut latencies = Vec::new();
        let mut draw = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut begun = Instant::now();
        let requests = match self.draw {
            Draw::Any => self.requests,
            Draw::Own => {
                let share = self.requests.len() / self.connections;
                self.requests
                    .get(number * share..(number + 1) * share)
                    .filter(|own| !own.is_empty())
                    .context("too few requests")?
            }
        };
        let mut request = Vec::new();
        while begun < until {
            draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            request.clone_from(&requests[usize::try_from(draw >> 33)? % requests.len()]);
            fill_in(&mut request, draw);
            let (status, body) = connection.call(&request).await?;
            ensure!(status == 200, "answered {status}: {}", String::from_utf8_lossy(body));
            let ended = Instant::now();
            if begun >= counted_from {
                latencies.push(u32::try_from((ended - begun).as_micros())?);
            }
            begun = ended;
        }
        Ok(latencies)
    }
}

/// Writes the number in the place of the last [`NUMBER`], if there is one.
fn fill_in(request: &mut [u8], mut number: u64) {
    let Some(last) = request.iter().rposition(|byte| *byte == b'#') else { return };
    for byte in request[..=last].iter_mut().rev().take_while(|byte| **byte == b'#') {
        *byte = b"0123456789"[usize::try_from(number % 10).unwrap_or_default()];
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_filled_in_where_there_is_a_place_for_it() {
        let mut request = format!("#1 POST {NUMBER}}}").into_bytes();
        fill_in(&mut request, 12_345_678_901);
        assert_eq!(request, b"#1 POST 2345678901}");
        let mut request = b"GET /".to_vec();
        fill_in(&mut request, 1);
        assert_eq!(request, b"GET /");
    }

    #[test]
    fn an_answer_is_read_as_far_as_its_length() {
        let bytes = b"HTTP/1.1 404 Not Found\r\nserver: x\r\nContent-Length: 3\r\n\r\nabcHTTP";
        let answer = read(bytes).unwrap().unwrap();
        assert_eq!((answer.status, &bytes[answer.body]), (404, &b"abc"[..]));
        assert!(read(b"HTTP/1.1 200 OK\r\nContent-Le").unwrap().is_none());
        assert!(read(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }

    #[test]
    fn callers_have_addresses_of_their_own() {
        let text = String::from_utf8(request("GET", "/x", 258, &[("A", "b")], None)).unwrap();
        assert_eq!(text, "GET /x HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: 10.0.1.2\r\nA: b\r\n\r\n");
    }
}
