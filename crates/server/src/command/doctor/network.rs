use std::{io::ErrorKind, net::SocketAddr, time::Duration};

use protocol::routes;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use super::Finding;
use crate::{Config, config::is_loopback, node};

const PATIENCE: Duration = Duration::from_secs(3);

/// Whether everybody is trusted.
pub(super) fn demo(config: &Config) -> Finding {
    if let Err(error) = config.check_demo() {
        return Finding::fail("demo", error.to_string(), "Switch demo off.");
    }
    if config.demo {
        return Finding::warn("demo", "demo is on: every caller is trusted", "Switch it off before the shop opens.");
    }
    Finding::ok("demo", "it is off")
}

/// Whether each address can be listened on, or a server of ours listens there already.
pub(super) async fn listeners(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    for address in std::iter::once(&config.listen).chain(&config.listen_also) {
        findings.push(listener(*address).await);
    }
    findings
}

async fn listener(address: SocketAddr) -> Finding {
    match TcpListener::bind(address).await {
        Ok(_) => Finding::ok("listen", format!("{address} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            if is_ours(address).await {
                return Finding::ok("listen", format!("a vitrine-server answers on {address}"));
            }
            Finding::fail(
                "listen",
                format!("another program listens on {address}"),
                "Stop it, or choose another address with --listen or --listen-also.",
            )
        }
        Err(error) => Finding::fail(
            "listen",
            format!("{address} cannot be listened on ({error})"),
            "Choose an address of this machine and a port above 1023.",
        ),
    }
}

/// Whether what answers there speaks as we do.
async fn is_ours(mut address: SocketAddr) -> bool {
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() { [127, 0, 0, 1].into() } else { std::net::Ipv6Addr::LOCALHOST.into() });
    }
    let ask = async {
        let mut stream = TcpStream::connect(address).await?;
        let request = format!("GET {} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n", routes::HEALTH);
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.take(16 * 1024).read_to_end(&mut answer).await?;
        Ok::<_, std::io::Error>(answer)
    };
    let Ok(Ok(answer)) = timeout(PATIENCE, ask).await else { return false };
    let answer = String::from_utf8_lossy(&answer);
    answer.starts_with("HTTP/1.1 200") && answer.contains("x-request-id:") && answer.contains(r#""samples":"#)
}

/// Where phones and kiosks are told to come.
pub(super) fn public_url(config: &Config) -> Finding {
    let public = config.public_origin();
    match &config.public_url {
        None if config.listen.ip().is_loopback() => Finding::warn(
            "public_url",
            format!("phones would be sent to {public}, which only this machine reaches"),
            "Put a proxy with TLS in front and set --public-url to its https address.",
        ),
        None => Finding::warn(
            "public_url",
            format!("phones would be sent to {public}, without TLS"),
            "Put a proxy with TLS in front and set --public-url to its https address.",
        ),
        Some(url) if url.scheme() == "https" || is_loopback(url) => Finding::ok("public_url", public),
        Some(_) => Finding::warn(
            "public_url",
            format!("{public} has no TLS: phones send passwords and cookies in the clear"),
            "Put a proxy with TLS in front and set --public-url to its https address.",
        ),
    }
}

/// Whether callers can be told apart behind a proxy.
pub(super) fn proxies(config: &Config) -> Finding {
    let behind = config.public_url.as_ref().is_some_and(|url| url.scheme() == "https");
    match config.proxies.len() {
        0 if behind => Finding::warn(
            "proxies",
            "public_url is https, so there is a proxy, but none is listed: all callers count as one, and whoever the proxy lets in may read /metrics",
            "List the proxy's address in --proxies, and let it add X-Forwarded-For.",
        ),
        0 => Finding::ok("proxies", "none is listed, and none seems to be there"),
        count => Finding::ok("proxies", format!("{count} listed")),
    }
}

/// Who reads the figures.
pub(super) fn metrics(config: &Config) -> Finding {
    const CHECK: &str = "metrics";
    let listed = &config.metrics_from;
    if listed.iter().any(|address| config.proxies.contains(address)) {
        return Finding::warn(
            CHECK,
            "a proxy is among those that may read /metrics, so whoever it lets in without saying for whom may read it",
            "Take the proxy out of --metrics-from, and list the monitoring's own address.",
        );
    }
    match listed.len() {
        0 => Finding::ok(CHECK, "only this machine may read /metrics"),
        count => Finding::ok(CHECK, format!("this machine and {count} more may read /metrics")),
    }
}

/// Whether the bus of the nodes answers.
pub(super) async fn bus(config: &Config) -> Finding {
    const CHECK: &str = "bus";
    let Some(address) = &config.bus_url else {
        return Finding::ok(CHECK, "none is set; nodes look at the event log by themselves");
    };
    if config.database_url.is_none() {
        return Finding::warn(CHECK, "a bus is set, but a database in a file has one node only", "Leave VITRINE_BUS_URL out.");
    }
    let servers = match node::read_address(address) {
        Ok(servers) => servers,
        Err(error) => return Finding::fail(CHECK, error.to_string(), "Correct VITRINE_BUS_URL."),
    };
    match timeout(PATIENCE, async_nats::connect(servers)).await {
        Ok(Ok(_)) => Finding::ok(CHECK, "it answers"),
        // What it says may repeat the address.
        Ok(Err(error)) => Finding::warn(
            CHECK,
            format!("it cannot be used ({})", error.kind()),
            "Start it, and check its address, user and network; until then changes of other nodes arrive within half a second.",
        ),
        Err(_) => Finding::warn(
            CHECK,
            "it does not answer",
            "Start it, and check its address and network; until then changes of other nodes arrive within half a second.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::doctor::Level;

    #[test]
    fn an_address_without_tls_and_a_proxy_that_is_not_listed_are_told() {
        let with = |url: Option<&str>| Config { public_url: url.map(|url| url.parse().unwrap()), ..Config::at("x") };
        assert_eq!(public_url(&with(Some("https://shop.example"))).level, Level::Ok);
        assert_eq!(public_url(&with(Some("http://shop.example"))).level, Level::Warn);
        assert_eq!(public_url(&with(None)).level, Level::Warn);
        assert_eq!(proxies(&with(Some("https://shop.example"))).level, Level::Warn);
        let listed = Config { proxies: vec![[127, 0, 0, 1].into()], ..with(Some("https://shop.example")) };
        assert_eq!(proxies(&listed).level, Level::Ok);
    }

    #[test]
    fn who_reads_the_figures_is_told() {
        let from = |address: [u8; 4]| Config { metrics_from: vec![address.into()], ..Config::at("x") };
        assert!(metrics(&Config::at("x")).to_string().contains("only this machine"));
        assert!(metrics(&from([192, 0, 2, 7])).to_string().contains("1 more"));
        let proxy = Config { proxies: vec![[192, 0, 2, 7].into()], ..from([192, 0, 2, 7]) };
        assert_eq!(metrics(&proxy).level, Level::Warn);
    }

    #[test]
    fn a_demonstration_is_told() {
        assert_eq!(demo(&Config::at("x")).level, Level::Ok);
        let demonstration = Config { demo: true, ..Config::at("x") };
        assert_eq!(demo(&demonstration).level, Level::Warn);
        assert_eq!(demo(&Config { listen: ([0, 0, 0, 0], 80).into(), ..demonstration }).level, Level::Fail);
    }
}
