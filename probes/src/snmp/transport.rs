//! One socket for all devices of an address family. A socket each costs 132 KiB and, with ephemeral ports, now and then
//! gives two devices the same port, which silences one of them.

use std::net::{IpAddr, SocketAddr};

use snmp::{UdpHandle, UdpTransport};
use thiserror::Error;

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
        address: &'static str,
        /// What the system said.
        source: Box<snmp::Error>,
    },
    /// The device has an IPv6 address and this machine no IPv6.
    #[error("{address} is an IPv6 address and this machine has no IPv6 socket")]
    NoIpv6 {
        /// The device's address.
        address: IpAddr,
    },
    /// The address cannot be asked through the socket.
    #[error("cannot ask {address}")]
    Target {
        /// The device's address and port.
        address: SocketAddr,
        /// What the client said.
        source: Box<snmp::Error>,
    },
}

/// The sockets that all [`DevicePoller`](super::DevicePoller)s share. Cloning shares them.
#[derive(Clone)]
pub struct Transport {
    v4: UdpTransport,
    v6: Option<UdpTransport>,
}

impl Transport {
    /// Opens the sockets on ephemeral ports; a machine without IPv6 gets only the one for IPv4.
    ///
    /// # Errors
    /// When the IPv4 socket cannot be opened.
    pub async fn bind() -> Result<Self, TransportError> {
        let v4 = open("0.0.0.0:0").await?;
        let v6 = match open("[::]:0").await {
            Ok(socket) => Some(socket),
            Err(error) => {
                tracing::debug!(%error, "no IPv6 socket for SNMP");
                None
            }
        };
        Ok(Self { v4, v6 })
    }

    /// A handle that only accepts answers from exactly this address and port.
    pub(super) fn handle(&self, address: SocketAddr) -> Result<UdpHandle, TransportError> {
        let socket = match address {
            SocketAddr::V4(_) => &self.v4,
            SocketAddr::V6(_) => self.v6.as_ref().ok_or(TransportError::NoIpv6 { address: address.ip() })?,
        };
        let handle = socket.handle(address).map_err(|source| TransportError::Target { address, source })?;
        Ok(handle.strict_source(true))
    }
}

async fn open(address: &'static str) -> Result<UdpTransport, TransportError> {
    UdpTransport::builder()
        .bind(address)
        .recv_buffer_size(RECEIVE_BUFFER)
        .warn_on_source_mismatch(false)
        .build()
        .await
        .map_err(|source| TransportError::Bind { address, source })
}
