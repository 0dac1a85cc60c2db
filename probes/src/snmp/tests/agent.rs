//! An agent in this process that serves a table of values, which tests change under it.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use phusong_model::{Device, SnmpAccess};
use snmp::{
    Agent, AgentShutdownPolicy, BoxFuture, GetNextResult, GetResult, HandlerResult, MibHandler, Oid, RequestContext,
    Value, VarBind, oid,
};

use crate::snmp::oids::{self, Column};

/// Values that an agent serves.
#[derive(Default)]
pub(super) struct Table {
    values: Mutex<BTreeMap<Oid, Value>>,
    mute: AtomicBool,
}

impl Table {
    pub(super) fn put(&self, oid: Oid, value: Value) {
        self.values.lock().expect("table").insert(oid, value);
    }

    pub(super) fn text(&self, oid: Oid, text: &'static str) {
        self.put(oid, Value::OctetString(text.into()));
    }

    pub(super) fn remove(&self, oid: &Oid) {
        self.values.lock().expect("table").remove(oid);
    }

    pub(super) fn clear_interfaces(&self) {
        let system = oid!(1, 3, 6, 1, 2, 1, 1);
        self.values.lock().expect("table").retain(|oid, _| oid.starts_with(&system));
    }

    /// From now on the agent answers nobody.
    pub(super) fn fall_silent(&self) {
        self.mute.store(true, Ordering::Relaxed);
    }

    /// System group of a device that has been up for `uptime` hundredths of a second.
    pub(super) fn system(&self, uptime: u32) {
        self.text(oids::sys_descr(), "test agent");
        self.text(oids::sys_name(), "router");
        self.put(oids::sys_uptime(), Value::TimeTicks(uptime));
        self.put(oids::if_table_last_change(), Value::TimeTicks(0));
    }

    /// An interface of 1 Gbit/s that is up and has counted `octets` each way.
    pub(super) fn interface(&self, index: u32, name: &'static str, octets: u64) {
        self.text(Column::Name.of(index), name);
        self.text(Column::Descr.of(index), name);
        self.text(Column::Alias.of(index), "");
        for (column, value) in [
            (Column::AdminStatus, Value::Integer(1)),
            (Column::OperStatus, Value::Integer(1)),
            (Column::HighSpeed, Value::Gauge32(1000)),
            (Column::HcInOctets, Value::Counter64(octets)),
            (Column::HcOutOctets, Value::Counter64(octets)),
            (Column::InErrors, Value::Counter32(0)),
            (Column::OutErrors, Value::Counter32(0)),
            (Column::InDiscards, Value::Counter32(0)),
            (Column::OutDiscards, Value::Counter32(0)),
            (Column::Discontinuity, Value::TimeTicks(0)),
        ] {
            self.put(column.of(index), value);
        }
    }

    /// Serves the table on a free port of the loopback; the agent ends with the test's runtime.
    pub(super) async fn serve(self: &Arc<Self>) -> SocketAddr {
        self.serve_as(|agent| agent).await
    }

    /// The same, with settings of the agent changed.
    pub(super) async fn serve_as(
        self: &Arc<Self>,
        settings: impl FnOnce(snmp::AgentBuilder) -> snmp::AgentBuilder,
    ) -> SocketAddr {
        let builder = Agent::builder()
            .bind("127.0.0.1:0")
            .community("public")
            .allow_all_access()
            .shutdown_policy(AgentShutdownPolicy::AbortCancellationSafeRetrievalsAfter(std::time::Duration::ZERO))
            .handler(oid!(1, 3, 6, 1), Arc::new(Served(Arc::clone(self))));
        let agent = settings(builder).build().await.expect("agent");
        let address = agent.local_addr();
        tokio::spawn(async move { agent.run().await });
        address
    }
}

struct Served(Arc<Table>);

impl Served {
    async fn wait_if_mute(&self) {
        if self.0.mute.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    }
}

impl MibHandler for Served {
    fn get<'a>(&'a self, _: &'a RequestContext, oid: &'a Oid) -> BoxFuture<'a, HandlerResult<GetResult>> {
        Box::pin(async move {
            self.wait_if_mute().await;
            let value = self.0.values.lock().expect("table").get(oid).cloned();
            Ok(value.map_or(GetResult::NoSuchInstance, GetResult::Value))
        })
    }

    fn get_next<'a>(&'a self, _: &'a RequestContext, oid: &'a Oid) -> BoxFuture<'a, HandlerResult<GetNextResult>> {
        Box::pin(async move {
            self.wait_if_mute().await;
            let values = self.0.values.lock().expect("table");
            let after = (std::ops::Bound::Excluded(oid), std::ops::Bound::Unbounded);
            Ok(values.range::<Oid, _>(after).next().map_or(GetNextResult::EndOfMibView, |(oid, value)| {
                GetNextResult::Value(VarBind::new(oid.clone(), value.clone()))
            }))
        })
    }
}

/// The device of the inventory that answers at `address`.
pub(super) fn device(address: SocketAddr, profile: Option<&str>) -> Device {
    Device {
        id: "router-1".parse().expect("id"),
        name: "router".to_owned(),
        site: None,
        address: address.ip(),
        snmp: SnmpAccess { port: address.port(), credential: "test".to_owned(), profile: profile.map(str::to_owned) },
    }
}
