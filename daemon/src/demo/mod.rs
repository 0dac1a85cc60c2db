//! `phusongd demo`: an example province on loopback addresses. Packets are real: the kernel answers ping on all of
//! 127/8, agents in this process answer SNMP. An outage is a receive filter on the prober's own socket, so that no
//! privilege is needed beyond the socket itself.

mod agents;
mod files;
mod layers;
mod province;
mod router;
mod script;
mod tables;

use std::{
    io,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use phusong_probes::icmp::ReplyLoss;
use tokio::{task::JoinHandle, time::Instant};

use self::{
    agents::{AgentPlan, DemoAgents, Mood},
    province::Province,
    script::Effects,
};
use crate::prober::ProberThread;

/// How often the script is looked at.
const SCRIPT_STEP: Duration = Duration::from_secs(1);

/// First port that the agents try; above 1024, so that no privilege is needed.
const AGENT_PORT: u16 = 10_161;

/// First port that the page tries.
const PAGE_PORT: u16 = 8640;

/// How many ports are tried before it is given up.
const PORTS: u16 = 64;

/// A demo whose files are written.
pub(crate) struct Demo {
    dir: PathBuf,
    config: PathBuf,
    page: SocketAddr,
    province: Province,
    agents: Vec<AgentPlan>,
}

/// A demo that runs; dropping it stops script and agents.
pub(crate) struct Running {
    script: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.script.abort();
    }
}

impl Demo {
    /// Writes configuration, inventory and geodata of the example into `dir`. History there is kept.
    pub(crate) fn prepare(dir: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(dir).with_context(|| format!("cannot make the folder {}", dir.display()))?;
        let dir = dir.canonicalize()?;
        // Before the files are written anew: a demo that runs here still reads them.
        drop(phusong_store::DataLock::take(&dir.join("data"))?);
        let province = Province::example();
        let agent_port = free_agent_port(&province).context("no free UDP port for the example agents")?;
        let page = free_page().context("no free port for the page")?;
        files::write(&dir, &province, agent_port, page)
            .with_context(|| format!("cannot write the example into {}", dir.display()))?;
        let agents =
            province.communes.iter().map(|c| agent_plan(&c.name, SocketAddr::new(c.router, agent_port))).collect();
        Ok(Self { config: dir.join("phusong.toml"), dir, page, province, agents })
    }

    /// The configuration that was written.
    pub(crate) fn config(&self) -> &Path {
        &self.config
    }

    /// The first words: what this is, where everything is, what to type next.
    pub(crate) fn greeting(&self) -> String {
        let dir = self.dir.display();
        let page = self.page;
        let config = self.config.display();
        format!(
            "phusong DEMO with EXAMPLE data: nothing here says anything about the real province. \
             / Bản chạy thử với dữ liệu VÍ DỤ, không phải số liệu thật.\n\
             \n  page    http://{page}/\n  socket  {dir}/phusong.sock\n  data    {dir}/data\n\n\
             In another terminal (the first outage comes within half a minute):\n\
             \n  cargo run --release --bin phusong -- --config {config} status\n  \
             cargo run --release --bin phusong -- --config {config} gaps\n  \
             cargo run --release --bin phusong -- --config {config} commune \"na hang\"\n\n\
             Ctrl-C stops it; started again, it still knows its history.\n"
        )
    }

    /// Starts agents and script. Without a prober the script still silences the agents.
    pub(crate) async fn start(self, prober: Option<ProberThread>) -> anyhow::Result<Running> {
        let agents = DemoAgents::start(self.agents.clone()).await.context("the example agents cannot start")?;
        let script = tokio::spawn(play(self, prober, agents));
        Ok(Running { script })
    }
}

async fn play(demo: Demo, prober: Option<ProberThread>, agents: DemoAgents) {
    let begun = Instant::now();
    let mut before = Effects::default();
    let mut step = tokio::time::interval(SCRIPT_STEP);
    step.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        step.tick().await;
        let now = script::effects(begun.elapsed(), &demo.province);
        if now == before {
            continue;
        }
        if let Some(prober) = &prober
            && let Err(error) = prober.filter_replies(reply_losses(&now, &demo.province)).await
        {
            tracing::error!(%error, "the demo cannot make its outages");
        }
        for plan in &demo.agents {
            agents.set(plan.address, mood(&now, plan.address));
        }
        before = now;
    }
}

fn reply_losses(effects: &Effects, province: &Province) -> Vec<ReplyLoss> {
    if effects.uplink_lost {
        return province.addresses().map(|address| ReplyLoss { address, lost_per_mille: 1000 }).collect();
    }
    effects
        .lossy
        .iter()
        .map(|(address, lost_per_mille)| ReplyLoss { address: *address, lost_per_mille: *lost_per_mille })
        .collect()
}

fn mood(effects: &Effects, agent: SocketAddr) -> Mood {
    let powered = !effects.silent_routers.contains(&agent.ip());
    let silent = effects.uplink_lost || !powered;
    let dark = effects.dark_fibre.contains(&agent.ip());
    Mood { answers: !silent, powered, down: if dark { vec![tables::FIBRE_PORT.to_owned()] } else { Vec::new() } }
}

fn agent_plan(name: &str, address: SocketAddr) -> AgentPlan {
    AgentPlan {
        address,
        community: files::COMMUNITY.to_owned(),
        name: format!("router {name}"),
        interfaces: vec![tables::FIBRE_PORT.to_owned(), tables::BROADBAND_PORT.to_owned()],
    }
}

/// A port that is free on every router's address.
fn free_agent_port(province: &Province) -> io::Result<u16> {
    let free =
        |port: u16| province.communes.iter().try_for_each(|c| std::net::UdpSocket::bind((c.router, port)).map(drop));
    first_free(AGENT_PORT, free)
}

fn free_page() -> io::Result<SocketAddr> {
    let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
    first_free(PAGE_PORT, |port| TcpListener::bind(address(port)).map(drop)).map(address)
}

fn first_free(from: u16, free: impl Fn(u16) -> io::Result<()>) -> io::Result<u16> {
    let mut tried = Err(io::Error::from(io::ErrorKind::AddrInUse));
    for port in from..from.saturating_add(PORTS) {
        tried = free(port).map(|()| port);
        if tried.is_ok() {
            break;
        }
    }
    tried
}
