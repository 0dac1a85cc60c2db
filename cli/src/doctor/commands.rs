//! Programs of the system that are asked, and not waited for when they hang.

use std::{process::Output, time::Duration};

use tokio::{process::Command, time::timeout};

/// How long one may take. They ask other programs by D-Bus, which may be what is broken.
const LIMIT: Duration = Duration::from_secs(2);

/// What a program says; none when it is not there, hangs, or says that it failed.
pub fn output_of(program: &str, arguments: &[&str]) -> Option<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    let Output { status, stdout, .. } = runtime.block_on(async {
        let running = Command::new(program).args(arguments).env("LC_ALL", "C").kill_on_drop(true).output();
        timeout(LIMIT, running).await.ok()?.ok()
    })?;
    status.success().then(|| String::from_utf8_lossy(&stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hangs_fails_or_is_not_there_says_nothing() {
        assert_eq!(output_of("echo", &["a", "b"]).as_deref(), Some("a b\n"));
        assert_eq!(output_of("false", &[]), None);
        assert_eq!(output_of("phusong-is-not-called-so", &[]), None);
        let begun = std::time::Instant::now();
        assert_eq!(output_of("sleep", &["60"]), None);
        assert!(begun.elapsed() < LIMIT * 3, "{:?}", begun.elapsed());
    }
}
