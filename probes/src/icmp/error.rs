//! Why there is no ICMP socket.

use std::io;

use phusong_model::IcmpMode;

use super::packet::Family;

/// Why the prober has no socket. [`OpenError::is_permission`] tells whether a right is missing: CAP_NET_RAW for a raw
/// socket, or a group inside `net.ipv4.ping_group_range` for a datagram one.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The kernel gave neither kind of socket.
    #[error("no ICMP socket: raw refused ({raw}), datagram refused")]
    Refused {
        /// What it said to the raw socket.
        raw: io::Error,
        /// What it said to the datagram socket.
        #[source]
        datagram: io::Error,
    },
    /// The kernel did not give this kind of socket.
    #[error("cannot open an ICMP socket ({mode:?}) for {family}")]
    Socket {
        /// Of which address family.
        family: Family,
        /// Of which kind.
        mode: IcmpMode,
        /// What the kernel said.
        #[source]
        source: io::Error,
    },
    /// The socket is there but cannot be used.
    #[error("cannot {operation} of the ICMP socket for {family}")]
    Setup {
        /// Of which address family.
        family: Family,
        /// What we tried.
        operation: &'static str,
        /// What the kernel said.
        #[source]
        source: io::Error,
    },
    /// Without random numbers replies could be forged.
    #[error("the kernel gives no random numbers")]
    Random(#[source] io::Error),
    /// [`IcmpMode::None`] was asked for.
    #[error("no kind of ICMP socket was asked for")]
    NoMode,
}

impl OpenError {
    /// The number of the kernel's answer; of the raw socket when both kinds were refused.
    #[must_use]
    pub fn errno(&self) -> Option<i32> {
        self.answer().and_then(io::Error::raw_os_error)
    }

    /// Whether a right is missing, so that a capability, a sysctl or root is the remedy.
    #[must_use]
    pub fn is_permission(&self) -> bool {
        self.answer().is_some_and(|answer| answer.kind() == io::ErrorKind::PermissionDenied)
    }

    fn answer(&self) -> Option<&io::Error> {
        match self {
            Self::Refused { raw: answer, .. }
            | Self::Socket { source: answer, .. }
            | Self::Setup { source: answer, .. }
            | Self::Random(answer) => Some(answer),
            Self::NoMode => None,
        }
    }

    /// The kernel's answer, for an error that names both.
    pub(super) fn into_answer(self) -> io::Error {
        match self {
            Self::Refused { raw: answer, .. }
            | Self::Socket { source: answer, .. }
            | Self::Setup { source: answer, .. }
            | Self::Random(answer) => answer,
            Self::NoMode => io::ErrorKind::InvalidInput.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    #[test]
    fn both_refusals_are_told() {
        let refused = OpenError::Refused {
            raw: io::Error::from_raw_os_error(nix::libc::EPERM),
            datagram: io::Error::from_raw_os_error(nix::libc::EACCES),
        };
        assert!(refused.is_permission());
        assert_eq!(refused.errno(), Some(nix::libc::EPERM));
        assert!(refused.to_string().contains("Operation not permitted"));
        assert!(refused.source().is_some_and(|source| source.to_string().contains("Permission denied")));
    }

    #[test]
    fn other_failures_are_no_missing_right() {
        let source = io::Error::from_raw_os_error(nix::libc::ENOBUFS);
        let error = OpenError::Setup { family: Family::V6, operation: "size the buffer", source };
        assert!(!error.is_permission());
        assert_eq!(error.to_string(), "cannot size the buffer of the ICMP socket for IPv6");
    }
}
