//! The SNMP of the fleet: a real agent on every host, with one interface that is up.

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use snmp::{
    Oid, Value, VarBind,
    agent::Agent,
    handler::{BoxFuture, GetNextResult, GetResult, HandlerResult, MibHandler, OidTable, RequestContext},
    oid,
};

/// The interface that links name.
pub const IFNAME: &str = "uplink";

/// The community of all agents.
pub const COMMUNITY: &str = "fleet";

/// How long a host has been up.
pub type Uptime = Arc<dyn Fn(Ipv4Addr) -> Duration + Send + Sync>;

/// `sysUpTime.0`, which tells of a restart.
struct System(Ipv4Addr, Uptime);

fn uptime() -> Oid {
    oid!(1, 3, 6, 1, 2, 1, 1, 3, 0)
}

impl System {
    fn value(&self) -> Value {
        Value::TimeTicks((self.1)(self.0).as_millis() as u32 / 10)
    }
}

impl MibHandler for System {
    fn get<'a>(&'a self, _: &'a RequestContext, oid: &'a Oid) -> BoxFuture<'a, HandlerResult<GetResult>> {
        let found = *oid == uptime();
        Box::pin(async move { Ok(if found { GetResult::Value(self.value()) } else { GetResult::NoSuchObject }) })
    }

    fn get_next<'a>(&'a self, _: &'a RequestContext, oid: &'a Oid) -> BoxFuture<'a, HandlerResult<GetNextResult>> {
        let is_before = *oid < uptime();
        Box::pin(async move {
            Ok(if is_before {
                GetNextResult::Value(VarBind::new(uptime(), self.value()))
            } else {
                GetNextResult::EndOfMibView
            })
        })
    }
}

struct Interface(OidTable<Value>);

impl Interface {
    fn up() -> Self {
        let mut table = OidTable::new();
        let rows: [(Oid, Value); 12] = [
            (oid!(1, 3, 6, 1, 2, 1, 2, 2, 1, 2, 1), Value::OctetString(IFNAME.into())),
            (oid!(1, 3, 6, 1, 2, 1, 2, 2, 1, 7, 1), Value::Integer(1)),
            (oid!(1, 3, 6, 1, 2, 1, 2, 2, 1, 8, 1), Value::Integer(1)),
            (oid!(1, 3, 6, 1, 2, 1, 2, 2, 1, 13, 1), Value::Counter32(0)),
            (oid!(1, 3, 6, 1, 2, 1, 2, 2, 1, 14, 1), Value::Counter32(0)),
            (oid!(1, 3, 6, 1, 2, 1, 2, 2, 1, 19, 1), Value::Counter32(0)),
            (oid!(1, 3, 6, 1, 2, 1, 2, 2, 1, 20, 1), Value::Counter32(0)),
            (oid!(1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1, 1), Value::OctetString(IFNAME.into())),
            (oid!(1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6, 1), Value::Counter64(1000)),
            (oid!(1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 10, 1), Value::Counter64(1000)),
            (oid!(1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 15, 1), Value::Gauge32(1000)),
            (oid!(1, 3, 6, 1, 2, 1, 31, 1, 5, 0), Value::TimeTicks(0)),
        ];
        for (oid, value) in rows {
            table.insert(oid, value);
        }
        Self(table)
    }
}

impl MibHandler for Interface {
    fn get<'a>(&'a self, _: &'a RequestContext, oid: &'a Oid) -> BoxFuture<'a, HandlerResult<GetResult>> {
        let found = self.0.get(oid).cloned().map_or(GetResult::NoSuchObject, GetResult::Value);
        Box::pin(async move { Ok(found) })
    }

    fn get_next<'a>(&'a self, _: &'a RequestContext, oid: &'a Oid) -> BoxFuture<'a, HandlerResult<GetNextResult>> {
        let next = self.0.get_next(oid).map_or(GetNextResult::EndOfMibView, |(oid, value)| {
            GetNextResult::Value(VarBind::new(oid.clone(), value.clone()))
        });
        Box::pin(async move { Ok(next) })
    }
}

/// Serves all hosts on the calling thread for ever; `ready` is called when every agent is bound.
pub fn serve(hosts: Vec<Ipv4Addr>, uptime: &Uptime, ready: impl FnOnce()) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
    runtime.block_on(async move {
        for host in hosts {
            let agent = Agent::builder()
                .bind(format!("{host}:161"))
                .community(COMMUNITY)
                .allow_all_access()
                .handler(oid!(1, 3, 6, 1, 2, 1, 1), Arc::new(System(host, uptime.clone())))
                .handler(oid!(1, 3, 6, 1, 2, 1, 2), Arc::new(Interface::up()))
                .handler(oid!(1, 3, 6, 1, 2, 1, 31), Arc::new(Interface::up()))
                .build()
                .await
                .expect("an agent");
            tokio::spawn(async move { agent.run().await });
        }
        ready();
        std::future::pending::<()>().await;
    });
}
