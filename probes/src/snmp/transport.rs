//! The sockets that all devices share. A socket each costs 132 KiB and, with ephemeral ports, now and then gives two devices
//! the same port, which silences one of them.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use socket2::{Domain, Protocol, Type};
use thiserror::Error;
use tokio::net::UdpSocket;

use super::{
    peer::Peer,
    socket::{Counts, Foreign, Socket},
};

/// Receive buffer of a shared socket. With the kernel's default of 208 KiB up to 3.9 % of 1,000 polls in flight failed;
/// with this none did. The kernel caps it at `net.core.rmem_max`.
const RECEIVE_BUFFER: usize = 4 << 20;

/// Why no socket could be had.
#[derive(Debug, Error)]
pub enum TransportError {
    /// The socket could not be opened.
    #[error("cannot open the SNMP socket on {address}")]
    Bind {
        /// The local address.
        address: IpAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The device has an IPv6 address and this machine no IPv6.
    #[error("{address} is an IPv6 address and this machine has no IPv6 socket")]
    NoIpv6 {
        /// The device's address.
        address: IpAddr,
    },
}

/// The sockets that all [`DevicePoller`](super::DevicePoller)s share. Cloning shares them.
#[derive(Clone)]
pub struct Transport {
    v4: Arc<Socket>,
    v6: Option<Arc<Socket>>,
    counts: Arc<Counts>,
}

impl Transport {
    /// Opens the sockets on ephemeral ports; a machine without IPv6 gets only the one for IPv4.
    ///
    /// # Errors
    /// When the IPv4 socket cannot be opened.
    ///
    /// # Panics
    /// Outside a tokio runtime, whose tasks receive.
    pub fn bind() -> Result<Self, TransportError> {
        let counts = Arc::default();
        let v4 = open(Ipv4Addr::UNSPECIFIED.into(), &counts)?;
        let v6 = match open(Ipv6Addr::UNSPECIFIED.into(), &counts) {
            Ok(socket) => Some(socket),
            Err(error) => {
                tracing::debug!(%error, "no IPv6 socket for SNMP");
                None
            }
        };
        Ok(Self { v4, v6, counts })
    }

    /// Datagrams that were not an answer, since the sockets were opened.
    #[must_use]
    pub fn foreign(&self) -> Foreign {
        self.counts.read()
    }

    /// The device at exactly this address and port. An IPv4 address in IPv6 clothes is an IPv4 address.
    pub(super) fn peer(&self, address: SocketAddr) -> Result<Peer, TransportError> {
        let address = SocketAddr::new(address.ip().to_canonical(), address.port());
        let socket = match address {
            SocketAddr::V4(_) => &self.v4,
            SocketAddr::V6(_) => self.v6.as_ref().ok_or(TransportError::NoIpv6 { address: address.ip() })?,
        };
        Ok(Peer::new(Arc::clone(socket), address))
    }
}

fn open(address: IpAddr, counts: &Arc<Counts>) -> Result<Arc<Socket>, TransportError> {
    let open = || {
        let local = SocketAddr::new(address, 0);
        let socket = socket2::Socket::new(Domain::for_address(local), Type::DGRAM.nonblocking(), Some(Protocol::UDP))?;
        if address.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
        socket.bind(&local.into())?;
        Socket::start(UdpSocket::from_std(socket.into())?, Arc::clone(counts))
    };
    open().map(Arc::new).map_err(|source| TransportError::Bind { address, source })
}
