//! The prober: the one thread that sends and receives ICMP. It looks and reports; it never decides that a link is down.

use std::{net::IpAddr, thread};

use phusong_model::IcmpMode;
use phusong_probes::icmp::{Prober, ReplyLoss, RoundPlan, RoundReport};
use tokio::sync::{mpsc, oneshot, watch};

/// Orders that may wait: a tick has one round under way at a time, and the demo changes its filter now and then.
const QUEUE: usize = 4;

enum Order {
    Round { targets: Vec<IpAddr>, plan: RoundPlan, report: oneshot::Sender<RoundReport> },
    Filter { rules: Vec<ReplyLoss>, done: oneshot::Sender<std::io::Result<()>> },
}

/// A handle to the prober's thread.
#[derive(Clone)]
pub(crate) struct ProberThread {
    orders: mpsc::Sender<Order>,
    mode: IcmpMode,
    /// What the demo's script drops.
    losses: watch::Sender<Vec<ReplyLoss>>,
}

impl ProberThread {
    /// Opens the sockets and starts the thread; it ends when all handles are gone.
    pub(crate) fn start(mut prober: Prober) -> std::io::Result<(Self, thread::JoinHandle<()>)> {
        let mode = prober.mode();
        let (orders, mut queue) = mpsc::channel(QUEUE);
        let thread = thread::Builder::new().name("prober".to_owned()).spawn(move || {
            while let Some(order) = queue.blocking_recv() {
                // One who no longer waits for the answer does not need it.
                match order {
                    Order::Round { targets, plan, report } => drop(report.send(prober.round(&targets, &plan))),
                    Order::Filter { rules, done } => drop(done.send(prober.filter_replies(&rules))),
                }
            }
        })?;
        Ok((Self { orders, mode, losses: watch::Sender::default() }, thread))
    }

    /// The kind of socket in use.
    pub(crate) const fn mode(&self) -> IcmpMode {
        self.mode
    }

    /// Looks at all targets; `None` when the thread has stopped.
    pub(crate) async fn round(&self, targets: Vec<IpAddr>, plan: RoundPlan) -> Option<RoundReport> {
        let (report, answer) = oneshot::channel();
        self.orders.send(Order::Round { targets, plan, report }).await.ok()?;
        answer.await.ok()
    }

    /// What replies are dropped by the demo's script, so that others can drop them too.
    pub(crate) fn losses(&self) -> watch::Receiver<Vec<ReplyLoss>> {
        self.losses.subscribe()
    }

    /// For the demo: drops replies as its script says.
    pub(crate) async fn filter_replies(&self, rules: Vec<ReplyLoss>) -> std::io::Result<()> {
        self.losses.send_replace(rules.clone());
        let gone = || std::io::Error::other("the prober has stopped");
        let (done, answer) = oneshot::channel();
        self.orders.send(Order::Filter { rules, done }).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}
