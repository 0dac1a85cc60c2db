//! The page: whether the daemon answers at its address, and not another program.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use super::{
    finding::{Finding, Part, Said},
    scene::Scene,
};

/// How long the page may take; it is on this machine.
const LIMIT: Duration = Duration::from_secs(2);

/// A question that nobody but the daemon answers with our words.
const QUESTION: &str = "GET /api/v1/doctor HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// What it says: nothing of that name can be asked.
const ANSWER: &str = "unknown-topic";

/// Looks at the page's address.
pub fn look(scene: &Scene) -> Vec<Finding> {
    let site = match scene.site(Part::Page) {
        Ok(site) => site,
        Err(finding) => return finding,
    };
    let Some(address) = site.config.api.listen else {
        return vec![Finding::ok(Part::Page, Said::words(("đã tắt trong cấu hình", "off in the configuration")))];
    };
    if address.port() == 0 {
        let fact = ("hệ điều hành tự chọn cổng", "the system chooses its port");
        return vec![Finding::not_looked_at(Part::Page, Said::words(fact))];
    }
    if site.daemon.is_err() {
        let fact = ("phusongd không trả lời", "phusongd does not answer");
        return vec![Finding::not_looked_at(Part::Page, Said::words(fact))];
    }
    vec![judged(address, is_ours(address))]
}

fn judged(address: SocketAddr, ours: bool) -> Finding {
    if ours {
        return Finding::ok(Part::Page, Said::same(format!("http://{address}/")));
    }
    let fact = Said::new(
        format!("{address}: không phải phusongd trả lời; có lẽ chương trình khác đã chiếm cổng này"),
        format!("{address}: it is not phusongd that answers; another program may have taken this port"),
    );
    Finding::fault(Part::Page, fact, Said::same(format!("sudo ss -ltnp 'sport = :{}'", address.port())))
}

/// Whether the daemon answers there.
fn is_ours(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&address, LIMIT)?;
        stream.set_read_timeout(Some(LIMIT))?;
        stream.set_write_timeout(Some(LIMIT))?;
        stream.write_all(QUESTION.as_bytes())?;
        let mut answer = Vec::new();
        stream.take(4096).read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    ask().is_ok_and(|answer| answer.contains(ANSWER))
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, thread};

    use phusong_model::glossary::Lang;

    use super::*;

    #[test]
    fn another_program_on_the_port_is_told_with_how_to_find_it() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let other = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
        });
        let finding = judged(address, is_ours(address));
        other.join().expect("the other program");
        assert_eq!(
            finding.remedy.expect("a remedy").of(Lang::En),
            format!("sudo ss -ltnp 'sport = :{}'", address.port())
        );
        assert!(!is_ours(address), "nobody is there any more");
    }
}
