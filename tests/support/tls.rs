//! Servers with certificates of an authority of the test's own.

use std::{fs, path::Path, process::Command};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::support::Server;

pub const NGINX: &str = "/usr/sbin/nginx";

/// Writes an authority, `ca.pem`, and a certificate of it with its key, `server.pem` and `server.key`.
pub fn issue(folder: &Path, server: &CertificateParams) {
    let mut authority = CertificateParams::new(Vec::new()).expect("no names");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().expect("a key")).expect("signed");
    let key = KeyPair::generate().expect("a key");
    let server = server.signed_by(&key, &authority).expect("signed");
    for (name, text) in [("ca.pem", authority.pem()), ("server.pem", server.pem()), ("server.key", key.serialize_pem())]
    {
        fs::write(folder.join(name), text).expect("write");
    }
}

/// nginx with TLS on a port of 127.0.0.1, with the certificate of [`issue`] and these locations.
pub fn nginx(folder: &Path, port: u16, locations: &str) -> Server {
    let at = folder.display();
    let config = format!(
        "user root; daemon off; worker_processes 1; pid {at}/nginx.pid; error_log {at}/nginx.log;\n\
         events {{}}\n\
         http {{ access_log off; client_body_temp_path {at}/body; proxy_temp_path {at}/proxy;\n\
           fastcgi_temp_path {at}/fastcgi; uwsgi_temp_path {at}/uwsgi; scgi_temp_path {at}/scgi;\n\
           server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {at}/server.pem; ssl_certificate_key {at}/server.key;\n\
             {locations} }} }}\n"
    );
    fs::write(folder.join("nginx.conf"), config).expect("write");
    Server::start(Command::new(NGINX).arg("-c").arg(folder.join("nginx.conf")).arg("-p").arg(folder))
}
