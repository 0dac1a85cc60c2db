//! A real InfluxDB 1.6.7 from Debian, behind an nginx that translates `/api/v2/write` to its `/write`.
//!
//! 1.6 has no `/api/v2/write` of its own; 1.8, 2.x and 3.x have. What it shows is that our bytes, our gzip and our
//! times are understood by a real server, and what becomes of them when it is stopped and started again.

use std::{
    fs,
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    http::{ask, ask_with, encoded, free_address},
    support::Server,
};

/// Longest time that a server may take to start.
const START: Duration = Duration::from_secs(30);

/// Name of the database, and so of the bucket.
pub const BUCKET: &str = "phusong";

/// A token that may do everything, where tokens are asked for: name and password of a user.
pub const TOKEN: &str = "a-token";

/// One that may not write.
pub const WEAK_TOKEN: &str = "weak-token";

/// How the tests ask past nginx; 1.6 ignores it where it asks for no user.
const CREDENTIALS: &str = "u=a-token&p=a-token";

/// The two servers and their folder. Both end when it is dropped.
pub struct Influx {
    folder: TempDir,
    database: Option<Child>,
    front: Child,
    direct: SocketAddr,
    /// Where clients of InfluxDB 2 write.
    pub address: SocketAddr,
}

impl Influx {
    /// Starts both; `None`, with a word, where they are not installed.
    pub fn start() -> Option<Self> {
        Self::start_with("")
    }

    /// The same with more lines in the section `[http]` of the database.
    pub fn start_with(http: &str) -> Option<Self> {
        if !all_installed() {
            return None;
        }
        let folder = tempfile::tempdir().expect("folder");
        let (direct, rpc, address) = (free_address(), free_address(), free_address());
        fs::write(folder.path().join("influxdb.conf"), influx_conf(folder.path(), direct, rpc) + http)
            .expect("influxdb.conf");
        fs::write(folder.path().join("nginx.conf"), nginx_conf(folder.path(), direct, address)).expect("nginx.conf");
        let front = Command::new("nginx")
            .args(["-e", "stderr", "-p"])
            .arg(folder.path())
            .arg("-c")
            .arg(folder.path().join("nginx.conf"))
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.path().join("nginx.log")).expect("log"))
            .spawn()
            .expect("nginx starts");
        let mut influx = Self { folder, database: None, front, direct, address };
        influx.resume();
        // The first user is made without one, where users are asked for.
        influx.order(&format!("CREATE USER \"{TOKEN}\" WITH PASSWORD '{TOKEN}' WITH ALL PRIVILEGES"));
        influx.order(&format!("CREATE USER \"{WEAK_TOKEN}\" WITH PASSWORD '{WEAK_TOKEN}'"));
        influx.order(&format!("CREATE DATABASE {BUCKET}"));
        wait_until("nginx answers", || ask(address, "GET", "/health").is_ok_and(|(status, _)| status == 200));
        Some(influx)
    }

    /// Starts the database on the files it has.
    pub fn resume(&mut self) {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.folder.path().join("influxd.log"));
        let database = Command::new("influxd")
            .arg("run")
            .arg("-config")
            .arg(self.folder.path().join("influxdb.conf"))
            .stdout(Stdio::null())
            .stderr(log.expect("log"))
            .spawn()
            .expect("influxd starts");
        self.database = Some(database);
        wait_until("influxd answers", || ask(self.direct, "GET", "/ping").is_ok_and(|(status, _)| status == 204));
    }

    /// Kills the database as a power cut would; nginx stays and answers 502.
    pub fn kill(&mut self) {
        if let Some(mut database) = self.database.take() {
            database.kill().expect("kill");
            database.wait().expect("wait");
        }
    }

    /// Writes a line past nginx and the sink; time in nanoseconds.
    pub fn write_directly(&self, line: &str) {
        let (status, body) =
            ask_with(self.direct, "POST", &format!("/write?db={BUCKET}&{CREDENTIALS}"), line).expect("write");
        assert_eq!(status, 204, "{body}");
    }

    /// Carries out an InfluxQL statement that changes something.
    pub fn order(&self, statement: &str) {
        let target = format!("/query?db={BUCKET}&{CREDENTIALS}&q={}", encoded(statement));
        let (status, body) = ask(self.direct, "POST", &target).expect("query");
        assert!(status == 200 && !body.contains("error"), "{statement}: {body}");
    }

    /// The rows of an InfluxQL statement: for each series its tags and its rows of values, times in seconds.
    pub fn query(&self, statement: &str) -> Vec<Series> {
        self.series(BUCKET, "s", statement).iter().map(Series::read).collect()
    }

    /// The series of an answer as they are, of any database, with times in the unit `epoch`.
    pub fn series(&self, database: &str, epoch: &str, statement: &str) -> Vec<Value> {
        let target = format!("/query?db={database}&epoch={epoch}&{CREDENTIALS}&q={}", encoded(statement));
        let (status, body) = ask(self.direct, "GET", &target).expect("query");
        assert_eq!(status, 200, "{statement}: {body}");
        let answer: Value = serde_json::from_str(&body).expect("JSON");
        let result = &answer["results"][0];
        assert!(result.get("error").is_none(), "{statement}: {result}");
        result["series"].as_array().cloned().unwrap_or_default()
    }
}

/// A series of an answer.
#[derive(Debug)]
pub struct Series {
    tags: Value,
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
}

impl Series {
    fn read(json: &Value) -> Self {
        let list = |json: &Value| json.as_array().cloned().unwrap_or_default();
        Self {
            tags: json["tags"].clone(),
            columns: list(&json["columns"]).iter().filter_map(|name| name.as_str().map(str::to_owned)).collect(),
            rows: list(&json["values"]).iter().map(list).collect(),
        }
    }

    /// The value of a tag that the statement groups by.
    pub fn tag(&self, key: &str) -> &str {
        self.tags[key].as_str().unwrap_or_default()
    }

    /// The values of a column, in the order of the rows.
    pub fn column(&self, name: &str) -> Vec<&Value> {
        let column = self.columns.iter().position(|column| column == name).unwrap_or_else(|| panic!("no {name}"));
        self.rows.iter().map(|row| &row[column]).collect()
    }
}

impl Drop for Influx {
    fn drop(&mut self) {
        for child in self.database.iter_mut().chain([&mut self.front]) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A database alone whose port speaks TLS.
pub fn speaking_tls(folder: &Path, certificate: &str, key: &str) -> Option<(Server, SocketAddr)> {
    if !all_installed() {
        return None;
    }
    let address = free_address();
    let https = format!("https-enabled = true\nhttps-certificate = \"{certificate}\"\nhttps-private-key = \"{key}\"\n");
    fs::write(folder.join("influxdb.conf"), influx_conf(folder, address, free_address()) + &https)
        .expect("influxdb.conf");
    let mut command = Command::new("influxd");
    command.arg("run").arg("-config").arg(folder.join("influxdb.conf")).stderr(Stdio::null());
    let server = Server::start(&mut command);
    wait_until("influxd listens", || TcpStream::connect(address).is_ok());
    Some((server, address))
}

/// Whether both programs are there; says what is not.
fn all_installed() -> bool {
    ["influxd", "nginx"].iter().all(|program| {
        let there = installed(program);
        if !there {
            println!("skipped: {program} is not installed (apt-get install influxdb nginx-light)");
        }
        there
    })
}

fn installed(program: &str) -> bool {
    let folders = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"];
    folders.iter().any(|folder| Path::new(folder).join(program).exists())
}

/// Waits until something is so, or fails.
pub fn wait_until(what: &str, mut so: impl FnMut() -> bool) {
    wait_at_most(START, what, &mut so);
}

/// Waits at most so long until something is so, or fails.
pub fn wait_at_most(limit: Duration, what: &str, so: &mut dyn FnMut() -> bool) {
    let start = Instant::now();
    while !so() {
        assert!(start.elapsed() < limit, "still not so after {limit:?}: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn influx_conf(folder: &Path, http: SocketAddr, rpc: SocketAddr) -> String {
    let folder = folder.display();
    format!(
        "reporting-disabled = true\nbind-address = \"{rpc}\"\n\
         [meta]\ndir = \"{folder}/meta\"\n\
         [data]\ndir = \"{folder}/data\"\nwal-dir = \"{folder}/wal\"\nquery-log-enabled = false\n\
         [monitor]\nstore-enabled = false\n\
         [http]\nbind-address = \"{http}\"\nlog-enabled = false\n"
    )
}

/// One process in the foreground, so that its pid is the child's. 1.6 reads `us` as nanoseconds; it wants `u`. It knows
/// no tokens: a token becomes name and password of a user.
fn nginx_conf(folder: &Path, direct: SocketAddr, address: SocketAddr) -> String {
    let folder = folder.display();
    format!(
        "daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr;\n\
         events {{ worker_connections 64; }}\n\
         http {{\n\
           access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n\
           fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;\n\
           map $arg_precision $v1prec {{ default ns; us u; ms ms; s s; }}\n\
           map $http_authorization $user {{ default \"\"; \"~^Token (?<token>[!-~]+)$\" \"&u=$token&p=$token\"; }}\n\
           server {{\n\
             listen {address};\n\
             location = /health {{ default_type application/json; return 200 '{{\"name\":\"influxdb\",\"status\":\"pass\"}}'; }}\n\
             location = /api/v2/write {{\n\
               set $args \"db=$arg_bucket&precision=$v1prec$user\"; proxy_set_header Authorization \"\";\n\
               rewrite ^ /write break;\n\
               proxy_pass http://{direct};\n\
             }}\n\
             location = /query {{ proxy_pass http://{direct}; }}\n\
           }}\n\
         }}\n"
    )
}
