//! The two listeners: a Unix socket for the CLI, a loopback port for the page.

use std::{
    fs, io,
    net::SocketAddr,
    os::unix::fs::{FileTypeExt, PermissionsExt},
    path::Path,
};

use anyhow::Context as _;
use phusong_model::config::ApiConfig;
use tokio::{
    net::{TcpListener, UnixListener},
    sync::watch,
    task::JoinSet,
};

use crate::api::{Api, Peer};

/// Owner and group may ask; others may not.
const SOCKET_MODE: u32 = 0o660;

/// The group whose members may ask.
const GROUP: &str = "phusong";

/// Starts both listeners; they end when `stopping` says so.
pub(crate) async fn start(
    tasks: &mut JoinSet<()>,
    config: &ApiConfig,
    api: Api,
    stopping: &watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let socket = open_socket(&config.socket)
        .with_context(|| format!("the socket {} cannot be opened", config.socket.display()))?;
    let path = config.socket.clone();
    let (router, stop) = (api.clone().router().into_make_service_with_connect_info::<Peer>(), stopping.clone());
    tasks.spawn(async move {
        report("socket", axum::serve(socket, router).with_graceful_shutdown(stopped(stop)).await);
        // A leftover is harmless: the CLI sees that nobody answers. So is a second removal.
        let _ = fs::remove_file(&path);
    });
    if let Some(address) = config.listen {
        start_page(tasks, address, api, stopping.clone()).await;
    }
    Ok(())
}

/// Another program on the page's port is no reason not to probe.
async fn start_page(tasks: &mut JoinSet<()>, address: SocketAddr, api: Api, stop: watch::Receiver<bool>) {
    match TcpListener::bind(address).await {
        Ok(listener) => {
            let page = axum::serve(listener, api.page_router()).with_graceful_shutdown(stopped(stop));
            tasks.spawn(async move { report("page", page.await) });
        }
        Err(error) => tracing::error!(%address, %error, "there is no page: its address cannot be used"),
    }
}

/// Replaces a leftover socket: the data folder's lock says that no other daemon lives. Anything else is not touched.
fn open_socket(path: &Path) -> io::Result<UnixListener> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.file_type().is_socket() => fs::remove_file(path)?,
        Ok(_) => return Err(io::Error::new(io::ErrorKind::AlreadyExists, "there is something that is not a socket")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(SOCKET_MODE))?;
    if let Ok(Some(group)) = nix::unistd::Group::from_name(GROUP) {
        // Only root and members of the group may give it away; others keep their own group, as the unit's.
        let _ = nix::unistd::chown(path, None, Some(group.gid));
    }
    Ok(listener)
}

async fn stopped(mut stopping: watch::Receiver<bool>) {
    // An error means that the sender is gone: the daemon is stopping as well.
    let _ = stopping.wait_for(|stop| *stop).await;
}

fn report(part: &str, ended: io::Result<()>) {
    if let Err(error) = ended {
        tracing::error!(part, %error, "no longer answers");
    }
}
