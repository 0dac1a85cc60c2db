//! A TCP connection, and whose fault it is when there is none.

use std::{io, net::SocketAddr, time::Duration};

use nix::errno::Errno;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpStream;

use super::{Failure, OURS};

/// Connects. The stream resets its connection when it is dropped (linger of zero): closed in the usual way, each attempt
/// would hold a port of ours for the minute of TIME_WAIT, and a national inventory would run out of them.
///
/// What `connect` refuses at once is ours (no route, no port, a rule of our own firewall), what comes later is the
/// network's or the server's word. The kernel says ENETUNREACH in both cases, so the moment has to tell.
pub(super) async fn connect(to: SocketAddr) -> Result<TcpStream, Failure> {
    let socket = socket(to).map_err(|_| OURS)?;
    match socket.connect(&to.into()) {
        Ok(()) => {}
        Err(error) if error.raw_os_error() == Some(Errno::EINPROGRESS as i32) => {}
        Err(error) => return Err(at_once(&error)),
    }
    let stream = TcpStream::from_std(socket.into()).map_err(|_| OURS)?;
    stream.writable().await.map_err(|_| OURS)?;
    match stream.take_error() {
        Ok(None) if is_with_itself(&stream) => Err(Failure::Lost),
        Ok(None) => Ok(stream),
        Ok(Some(_)) => Err(Failure::Lost),
        Err(_) => Err(OURS),
    }
}

fn socket(to: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    socket.set_linger(Some(Duration::ZERO))?;
    socket.set_tcp_nodelay(true)?;
    Ok(socket)
}

/// A refusal by the server may be there before `connect` returns, on loopback it always is.
fn at_once(error: &io::Error) -> Failure {
    use io::ErrorKind::{ConnectionRefused, ConnectionReset, TimedOut};
    if [ConnectionRefused, ConnectionReset, TimedOut].contains(&error.kind()) { Failure::Lost } else { OURS }
}

/// On loopback the kernel may give us the very port that we connect to; then the connection is with ourselves
/// (simultaneous open, RFC 9293, 3.5) and nobody listens.
fn is_with_itself(stream: &TcpStream) -> bool {
    matches!((stream.local_addr(), stream.peer_addr()), (Ok(local), Ok(peer)) if local == peer)
}
