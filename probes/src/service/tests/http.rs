//! Pages.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::io::AsyncReadExt;

use super::*;

/// Reads the request's head and gives the answer; the connection stays open, as servers keep it.
async fn answer(mut stream: TcpStream, bytes: &'static [u8]) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => request.push(byte),
            Err(_) => return,
        }
    }
    if stream.write_all(bytes).await.is_ok() {
        // Until the prober hangs up.
        let _ = stream.read_u8().await;
    }
}

async fn page(bytes: &'static [u8], fragment: &str, plan: &ServicePlan) -> ServiceReport {
    let address = server(move |stream| answer(stream, bytes)).await;
    look(&prober(), &format!("http://{address}/{fragment}"), plan).await
}

#[tokio::test]
async fn the_status_decides_and_is_told_either_way() {
    for (bytes, fragment, works, status) in [
        (&b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nbut no more"[..], "", true, 200),
        (b"HTTP/1.1 204 No Content\r\n\r\n", "#status=204", true, 204),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n", "", true, 302),
        (b"HTTP/1.0 200 OK\r\n\r\n", "", true, 200),
        (b"HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic\r\n\r\n", "#status=401", true, 401),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "", true, 200),
        (b"HTTP/1.1 401 Who\r\n\r\n", "", false, 401),
        (b"HTTP/1.1 200 OK\r\n\r\n", "#status=401", false, 200),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "", false, 404),
        (b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", "", false, 503),
    ] {
        let report = page(bytes, fragment, &PATIENT).await;
        let text = String::from_utf8_lossy(bytes);
        assert_eq!((answered(&report), lost(&report)), (works, !works), "{text}: {report:?}");
        assert_eq!(report.status, Some(status), "{text}");
        assert_eq!(report.certificate, None);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let visits = Arc::new(AtomicUsize::new(0));
    let seen = visits.clone();
    let elsewhere = server(move |stream| {
        seen.fetch_add(1, Ordering::Relaxed);
        answer(stream, b"HTTP/1.1 200 OK\r\n\r\n")
    })
    .await;
    let redirect: &'static str = format!("HTTP/1.1 301 Moved\r\nLocation: http://{elsewhere}/\r\n\r\n").leak();
    let report = page(redirect.as_bytes(), "", &PATIENT).await;
    assert!(answered(&report) && report.status == Some(301), "{report:?}");
    assert_eq!(visits.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn what_is_no_answer_is_lost_before_the_deadline() {
    for bytes in [
        &b"<html>old</html>\r\n\r\n"[..],
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 99999 Much\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nbad header\x00: x\r\n\r\n",
        b"\x15\x03\x01\x00\x02\x02\x28",
        b"\r\n\r\n\r\n\r\n<>",
    ] {
        let begun = Instant::now();
        let report = page(bytes, "", &PATIENT).await;
        assert!(lost(&report) && report.status.is_none(), "{:?}: {report:?}", String::from_utf8_lossy(bytes));
        assert!(begun.elapsed() < PATIENT.timeout, "{:?}", String::from_utf8_lossy(bytes));
    }
    let hangs_up = server(|stream| async move { drop(stream) }).await;
    assert!(lost(&look(&prober(), &format!("http://{hangs_up}/"), &PATIENT).await));
}

#[tokio::test]
async fn silence_and_drops_of_an_answer_end_at_the_deadline() {
    for bytes in [&b""[..], b"HTTP/1.1 200 OK\r\nX: y", b"HTTP/1.1 100 Continue\r\n\r\n"] {
        let report = page(bytes, "", &SHORT).await;
        assert!(lost(&report) && report.status.is_none(), "{:?}: {report:?}", String::from_utf8_lossy(bytes));
    }
}

#[tokio::test]
async fn endless_answers_are_cut_where_they_begin_to_cost() {
    let body = server(|stream| for_ever(stream, b"HTTP/1.1 200 OK\r\n\r\n", &[b'x'; 4096])).await;
    assert!(answered(&look(&prober(), &format!("http://{body}/"), &PATIENT).await));
    const LINE: &[u8] = b"X-Padding: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n";
    for again in [LINE, &[b'x'; 4096]] {
        let begun = Instant::now();
        let headers = server(move |stream| for_ever(stream, b"HTTP/1.1 200 OK\r\nX: y\r\nZ: ", again)).await;
        let report = look(&prober(), &format!("http://{headers}/"), &PATIENT).await;
        assert!(lost(&report) && report.status.is_none(), "{report:?}");
        assert!(begun.elapsed() < PATIENT.timeout, "cut by its length and not by time: {:?}", begun.elapsed());
    }
    let continues = server(|stream| for_ever(stream, b"", b"HTTP/1.1 100 Continue\r\n\r\n")).await;
    assert!(lost(&look(&prober(), &format!("http://{continues}/"), &SHORT).await));
}

#[tokio::test]
async fn the_request_names_the_platform_and_not_the_pinned_address() {
    let (sender, mut requests) = tokio::sync::mpsc::channel(10);
    let address = server(move |mut stream| {
        let sender = sender.clone();
        async move {
            let mut buffer = [0; 1024];
            let length = stream.read(&mut buffer).await.unwrap_or(0);
            let _ = sender.send(String::from_utf8_lossy(&buffer[..length]).into_owned()).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        }
    })
    .await;
    let service = target(&format!("http://portal.invalid:{}/a?b=%C4%91", address.port()));
    let pinned = ServiceTarget { pinned: Some(address.ip()), ..service };
    assert!(answered(&look_at(&prober(), &pinned, &PATIENT).await));
    let request = requests.recv().await.expect("a request").to_ascii_lowercase();
    assert!(request.starts_with("get /a?b=%c4%91 http/1.1\r\n"), "{request}");
    for line in
        [format!("host: portal.invalid:{}", address.port()), "connection: close".into(), "user-agent: phusong/".into()]
    {
        assert!(request.contains(&line), "{line} in {request}");
    }
}
