//! A program of this machine, run once for each message: no shell, arguments from the configuration alone, what is told
//! in the environment and as JSON on its standard input.

use std::{
    os::unix::{fs::PermissionsExt as _, process::ExitStatusExt as _},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use phusong_model::{
    Fault, LinkId, Notification,
    glossary::{Lang, message_line},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    process::{Child, ChildStderr, Command},
};

use super::{Around, Outcome};

/// Where programs are looked for by the program that is run.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Bytes of what it says on its standard error that are repeated.
const WORDS_MOST: u64 = 400;

/// How long its last words are waited for: a child of its own may hold the pipe.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Links that the environment names, by id; an environment has a limit, and all of them are in the JSON.
const NAMED_MOST: usize = 100;

/// The exit code for input that is no good (sysexits.h).
const EX_DATAERR: i32 = 65;

/// A program and its arguments.
pub(super) struct CommandLine {
    program: String,
    arguments: Vec<String>,
    timeout: Duration,
    lang: Lang,
}

impl CommandLine {
    pub(super) fn open(around: &Around<'_>) -> Result<Self, Fault> {
        let hint = "name a program that is there and may be run: chmod +x, and no shell built-in";
        let Some((program, arguments)) = around.channel.command.split_first() else {
            return Err(around.fault("no program is given", hint));
        };
        let metadata = std::fs::metadata(program).map_err(|error| around.fault(format!("{program}: {error}"), hint))?;
        if !metadata.is_file() || metadata.permissions().mode() & 0o111 == 0 {
            return Err(around.fault(format!("{program} is no program"), hint));
        }
        let (program, arguments) = (program.clone(), arguments.to_vec());
        Ok(Self { program, arguments, timeout: around.channel.timeout.0, lang: around.lang })
    }

    /// Runs it for each of the messages until one fails.
    pub(super) async fn deliver(&self, messages: &[Notification]) -> Outcome {
        for message in messages {
            match self.run(message).await {
                Ok(()) => {}
                Err(Failed::Refused(what)) => return Outcome::Never(what),
                Err(Failed::Otherwise(what)) => return Outcome::Again(what),
            }
        }
        Outcome::Delivered(None)
    }

    async fn run(&self, message: &Notification) -> Result<(), Failed> {
        let document = serde_json::to_vec(message).map_err(|error| error.to_string())?;
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .env_clear()
            .env("PATH", PATH)
            .env("LANG", "C.UTF-8")
            .envs(environment(self.lang, message))
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("{}: {error}", self.program))?;
        let mut group = Group(child.id());
        let stderr = child.stderr.take();
        let words = tokio::spawn(words(stderr));
        let ended = tokio::time::timeout(self.timeout, feed(&mut child, &document)).await;
        if ended.is_ok() {
            // What it left to run is its own affair.
            group.0 = None;
        }
        match ended {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => {
                let words = tokio::time::timeout(LAST_WORDS, words).await;
                let words = words.ok().and_then(Result::ok).filter(|words| !words.is_empty());
                let what = words.map_or_else(|| end(status), |words| format!("{}: {words}", end(status)));
                Err(if status.code() == Some(EX_DATAERR) { Failed::Refused(what) } else { what.into() })
            }
            Ok(Err(error)) => Err(format!("{}: {error}", self.program).into()),
            Err(_) => Err(format!("not ended within {} s; it was killed", self.timeout.as_secs_f64()).into()),
        }
    }
}

/// Why a run did not deliver.
enum Failed {
    /// The program will never take this message.
    Refused(String),
    Otherwise(String),
}

impl From<String> for Failed {
    fn from(what: String) -> Self {
        Self::Otherwise(what)
    }
}

/// The program and what it started, which end when the attempt does: because it is too late, or because we are stopping.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(pid) = self.0.and_then(|pid| i32::try_from(pid).ok()) {
            // Gone already is fine.
            let _gone = killpg(Pid::from_raw(pid), Signal::SIGKILL);
        }
    }
}

/// Gives it the message and waits for its end. One that does not read is as good.
async fn feed(child: &mut Child, document: &[u8]) -> std::io::Result<ExitStatus> {
    if let Some(mut stdin) = child.stdin.take() {
        let fed = async { stdin.write_all(document).await };
        tokio::select! {
            _not_read = fed => {}
            status = child.wait() => return status,
        }
    }
    child.wait().await
}

/// What it says on its standard error, on one line.
async fn words(stderr: Option<ChildStderr>) -> String {
    let Some(mut stderr) = stderr else { return String::new() };
    let mut said = Vec::new();
    // What was read before an error is what there is.
    let _broken = (&mut stderr).take(WORDS_MOST).read_to_end(&mut said).await;
    let line = String::from_utf8_lossy(&said).split_whitespace().collect::<Vec<_>>().join(" ");
    // A program that says more must not fail for it.
    let _rest = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
    line
}

fn end(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("ended by signal {signal}"),
        (None, None) => "ended".to_owned(),
    }
}

fn environment(lang: Lang, message: &Notification) -> Vec<(&'static str, String)> {
    let links: Vec<&str> = message.links.iter().take(NAMED_MOST).map(|link| link.link.as_str()).collect();
    let first = message.links.first().map(|link| &link.link).map_or("", LinkId::as_str);
    let variables = [
        ("PHUSONG_TURN", message.turn.id().to_owned()),
        ("PHUSONG_EVENT", message.event.0.to_string()),
        ("PHUSONG_ID", message.id.clone()),
        ("PHUSONG_TEXT", message_line(lang, message)),
        ("PHUSONG_CAUSE", message.cause.id().to_owned()),
        ("PHUSONG_CONFIDENCE", message.confidence.id().to_owned()),
        ("PHUSONG_START", message.start.to_string()),
        ("PHUSONG_END", message.end.map(|end| end.to_string()).unwrap_or_default()),
        ("PHUSONG_DURATION_S", (message.duration_ms.0 / 1000).to_string()),
        ("PHUSONG_LINKS", message.links_total.to_string()),
        ("PHUSONG_LINKS_DOWN", message.links_down.to_string()),
        ("PHUSONG_LINK", first.to_owned()),
        ("PHUSONG_LINK_IDS", links.join(" ")),
        ("PHUSONG_COMMUNES", message.communes.join(", ")),
        ("PHUSONG_PEOPLE", message.people.map(|people| people.to_string()).unwrap_or_default()),
        ("PHUSONG_PROVINCE", message.province.clone()),
        ("PHUSONG_VANTAGE", message.vantage.clone()),
    ];
    // A zero byte ends a variable, and the program would not start.
    variables.into_iter().map(|(name, value)| (name, value.replace('\0', " "))).collect()
}
