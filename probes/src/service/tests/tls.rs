//! Certificates: what is wrong with them is told, and makes nothing down.

use std::{fs, sync::Arc};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use tokio::io::AsyncReadExt;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer},
    },
};

use super::*;

/// A province's own authority, and the file that names it.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: tempfile::TempDir,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a certificate");
        let folder = tempfile::tempdir().expect("folder");
        fs::write(folder.path().join("ca.pem"), issuer.pem()).expect("write");
        Self { issuer, folder }
    }

    fn prober(&self) -> ServiceProber {
        ServiceProber::new(Trust::load(Some(&self.folder.path().join("ca.pem"))).expect("a certificate"))
    }

    /// A certificate for these names that is valid until the end of a year, and its key.
    fn signs(&self, names: &[&str], until: i32) -> Shown {
        let (params, key) = wanted(names, until);
        Shown { certificate: params.signed_by(&key, &self.issuer).expect("signed").der().clone(), key }
    }
}

fn wanted(names: &[&str], until: i32) -> (CertificateParams, KeyPair) {
    let mut params = CertificateParams::new(names.iter().map(ToString::to_string).collect::<Vec<_>>()).expect("names");
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(until, 12, 31);
    (params, KeyPair::generate().expect("a key"))
}

struct Shown {
    certificate: CertificateDer<'static>,
    key: KeyPair,
}

impl Shown {
    /// A server that shows it and answers every request with 200.
    async fn serve(self) -> SocketAddr {
        let key = PrivateKeyDer::try_from(self.key.serialize_der()).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_no_client_auth().with_single_cert(vec![self.certificate], key))
            .expect("a server");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        server(move |stream| {
            let acceptor = acceptor.clone();
            async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut buffer = [0; 1024];
                if stream.read(&mut buffer).await.is_ok_and(|length| length > 0) {
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
                    let _ = stream.shutdown().await;
                }
            }
        })
        .await
    }
}

async fn visit(prober: &ServiceProber, name: &str, address: SocketAddr) -> ServiceReport {
    let service = target(&format!("https://{name}:{}/", address.port()));
    look_at(prober, &ServiceTarget { pinned: Some(address.ip()), ..service }, &PATIENT).await
}

fn end_of(year: i16) -> phusong_model::UtcMs {
    format!("{year}-12-31T00:00:00Z").parse::<jiff::Timestamp>().expect("a date").into()
}

#[tokio::test]
async fn each_certificate_is_told_and_none_makes_the_platform_down() {
    let authority = Authority::new();
    let (params, key) = wanted(&["portal.vn"], 2040);
    let certificate = params.self_signed(&key).expect("signed").der().clone();
    let self_signed = Shown { certificate, key };
    for (what, shown, name, until, trusted) in [
        ("good", authority.signs(&["portal.vn"], 2040), "portal.vn", 2040, true),
        ("of an address", authority.signs(&["127.0.0.1"], 2041), "127.0.0.1", 2041, true),
        ("expired", authority.signs(&["portal.vn"], 2021), "portal.vn", 2021, false),
        ("of another name", authority.signs(&["other.vn"], 2042), "portal.vn", 2042, false),
        ("self-signed", self_signed, "portal.vn", 2040, false),
        ("of a stranger", Authority::new().signs(&["portal.vn"], 2040), "portal.vn", 2040, false),
    ] {
        let report = visit(&authority.prober(), name, shown.serve().await).await;
        assert!(answered(&report) && report.status == Some(200), "{what}: {report:?}");
        assert_eq!(report.certificate, Some(Certificate { not_after: end_of(until), trusted }), "{what}");
    }
}

#[tokio::test]
async fn without_the_file_of_the_province_its_authority_is_a_stranger() {
    let authority = Authority::new();
    let report = visit(&prober(), "portal.vn", authority.signs(&["portal.vn"], 2040).serve().await).await;
    assert!(answered(&report) && report.certificate.is_some_and(|shown| !shown.trusted), "{report:?}");
}

#[tokio::test]
async fn a_server_without_the_key_of_its_certificate_is_lost() {
    let authority = Authority::new();
    let stolen = Shown { key: KeyPair::generate().expect("a key"), ..authority.signs(&["portal.vn"], 2040) };
    // rustls refuses to serve a key that does not fit, so the certificate's own key is hidden from it.
    let key = PrivateKeyDer::try_from(stolen.key.serialize_der()).expect("a key");
    let signing = ring::default_provider().key_provider.load_private_key(key).expect("a key");
    let certified = tokio_rustls::rustls::sign::CertifiedKey::new(vec![stolen.certificate], signing);
    let resolver = tokio_rustls::rustls::sign::SingleCertAndKey::from(certified);
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(resolver));
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let address = server(move |stream| {
        let acceptor = acceptor.clone();
        async move { drop(acceptor.accept(stream).await) }
    })
    .await;
    let report = visit(&authority.prober(), "portal.vn", address).await;
    assert!(lost(&report) && report.certificate.is_none(), "{report:?}");
}

#[tokio::test]
async fn what_speaks_no_tls_is_lost() {
    let plain = server(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        // Until the prober hangs up.
        let _ = stream.read_u8().await;
    })
    .await;
    let begun = Instant::now();
    assert!(lost(&visit(&prober(), "portal.vn", plain).await));
    assert!(begun.elapsed() < PATIENT.timeout, "it need not be waited for: {:?}", begun.elapsed());
    // A record that promises 16 KiB of a handshake and never gives them.
    let endless = server(|stream| for_ever(stream, b"\x16\x03\x03\x40\x00\x02\xff\xff\xff", &[0; 4096])).await;
    assert!(lost(&visit(&prober(), "portal.vn", endless).await));
    let silent = server(|stream| async move {
        let _held = stream;
        std::future::pending::<()>().await;
    })
    .await;
    assert!(lost(&look(&prober(), &format!("https://{silent}/"), &SHORT).await));
}

#[test]
fn a_file_that_holds_no_certificate_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("folder");
    for (name, text) in [
        ("none.pem", None),
        ("empty.pem", Some("")),
        ("words.pem", Some("no certificate")),
        ("broken.pem", Some("-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n")),
        ("other.pem", Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")),
    ] {
        let path = folder.path().join(name);
        text.into_iter().for_each(|text| fs::write(&path, text).expect("write"));
        let error = Trust::load(Some(&path)).expect_err(name);
        assert!(error.to_string().contains(name), "{error}");
    }
}
