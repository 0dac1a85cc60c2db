//! TLS, and what is to be said of the certificate. A handshake goes on with any certificate, because users may have
//! accepted it and the platform may well work; whether it is trusted is judged beside it and is a finding of its own.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use phusong_model::{Host, UtcMs};
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
        client::{
            Resumption, WebPkiServerVerifier,
            danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        },
        crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
        pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
    },
};
use x509_cert::der::Decode as _;

use super::{Failure, OURS};

/// What a TLS server showed of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Certificate {
    /// Until when it is valid.
    pub not_after: UtcMs,
    /// Whether somebody we trust says that it belongs to this name, today.
    pub trusted: bool,
}

/// Whom we trust: the certificates of the system, and those that the configuration adds.
#[derive(Debug, Clone)]
pub struct Trust {
    /// None when there is nobody to trust.
    verifier: Option<Arc<WebPkiServerVerifier>>,
    config: Arc<ClientConfig>,
}

/// The certificates of the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// The file is not there, or holds no PEM.
    #[error("cannot read certificates from {}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: tokio_rustls::rustls::pki_types::pem::Error,
    },
    /// The file holds nothing that could sign a certificate.
    #[error("{} holds no certificate that can be used", path.display())]
    Empty {
        /// Which file.
        path: PathBuf,
    },
    /// The library has no protocol version that it can speak.
    #[error("no TLS can be spoken")]
    Protocol(#[source] Error),
}

impl Trust {
    /// Reads the certificates of the system and those of `more`.
    ///
    /// # Errors
    /// When those of `more` cannot be used. A system without certificates is no error: then nobody is trusted but them.
    pub fn load(more: Option<&Path>) -> Result<Self, TrustError> {
        let roots = roots(more)?;
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build().ok();
        let mut config = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(TrustError::Protocol)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
            .with_no_client_auth();
        // A resumed session shows no certificate, and a visitor who comes for the first time has none to resume.
        config.resumption = Resumption::disabled();
        Ok(Self { verifier, config: Arc::new(config) })
    }

    /// Shakes hands over a connection.
    pub(super) async fn greet(&self, stream: TcpStream, host: &Host) -> Result<TlsStream<TcpStream>, Failure> {
        let name = server_name(host).ok_or(OURS)?;
        TlsConnector::from(self.config.clone()).connect(name, stream).await.map_err(|_| Failure::Lost)
    }

    /// What is to be said of the certificates that a server showed; none when they cannot be read.
    pub(super) fn judge(&self, chain: &[CertificateDer<'_>], host: &Host) -> Option<Certificate> {
        let (leaf, others) = chain.split_first()?;
        let read = x509_cert::Certificate::from_der(leaf).ok()?;
        let not_after = read.tbs_certificate().validity().not_after.to_unix_duration();
        let name = server_name(host)?;
        let trusted = self
            .verifier
            .as_ref()
            .is_some_and(|verifier| verifier.verify_server_cert(leaf, others, &name, &[], UnixTime::now()).is_ok());
        Some(Certificate { not_after: UtcMs(i64::try_from(not_after.as_millis()).ok()?), trusted })
    }
}

/// The certificates of the system, and those of `more`.
///
/// # Errors
/// When those of `more` cannot be used.
pub fn roots(more: Option<&Path>) -> Result<RootCertStore, TrustError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = more {
        let failed = |source| TrustError::File { path: path.to_owned(), source };
        let read = CertificateDer::pem_file_iter(path).map_err(failed)?;
        let read: Vec<_> = read.collect::<Result<_, _>>().map_err(failed)?;
        if roots.add_parsable_certificates(read).0 == 0 {
            return Err(TrustError::Empty { path: path.to_owned() });
        }
    }
    Ok(roots)
}

fn server_name(host: &Host) -> Option<ServerName<'static>> {
    match host {
        Host::Address(address) => Some(ServerName::from(*address)),
        Host::Name(name) => ServerName::try_from(name.clone()).ok(),
    }
}

/// Takes any certificate. That the server holds its key is still checked: else anybody in between could show it.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _leaf: &CertificateDer<'_>,
        _others: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, leaf, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, leaf, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
