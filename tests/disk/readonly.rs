//! A file system that turns read-only under the daemon, as ext4 does when it meets an error, and a sound copy of it that
//! is mounted in its place.

use std::{fs, path::Path, process::Command, time::Instant};

use phusong_model::UtcMs;
use phusong_store::Reader;

use super::{Mounted, SHOWN, cut, is_root, more_ticks, newest, notice, status, whole, with_own_mounts};
use crate::support::{Daemon, ask, items, own_network, phusong, run_ok, text, wait_for};

/// Mounts an image on a loop device; none where this machine cannot.
fn mounted(image: &Path, folder: &Path) -> Option<Mounted> {
    Mounted::on(folder, &["-t", "ext4", "-o", "loop", image.to_str()?])
}

#[test]
fn a_disk_that_turns_read_only_stops_no_probe_and_its_copy_gets_all_that_waited() {
    if !is_root() || !own_network() {
        return;
    }
    let province = with_own_mounts("");
    let (data, image) = (province.data(), province.dir.path().join("disk"));
    fs::File::create(&image).and_then(|file| file.set_len(48 << 20)).expect("image");
    let made = Command::new("mkfs.ext4").args(["-q", "-F"]).arg(&image).status();
    let made = made.is_ok_and(|status| status.success());
    let Some(disk) = made.then(|| mounted(&image, &data)).flatten() else {
        println!("skipped: ext4 on a loop device needs mkfs.ext4 and a kernel that has both");
        return;
    };
    let daemon = Daemon::with_config(&province.config());
    more_ticks(&data, 3);

    // What the kernel does by `errors=remount-ro`. Any other way to make a mount read-only is refused while a file of it
    // is open for writing.
    run_ok(Command::new("mount").args(["-o", "remount,abort"]).arg(&data));
    let since = Instant::now();
    let refused = fs::write(data.join("a-file"), "").expect_err("it takes nothing");
    assert_eq!(refused.kind(), std::io::ErrorKind::ReadOnlyFilesystem);
    let waits = || {
        let answer = status(&province)?;
        let ticks = notice(&answer, "not-stored")?["waiting_ticks"].as_u64()?;
        (text(&answer, "source") == "daemon").then_some(ticks)
    };
    wait_for("the fault is shown", waits);
    let shown = since.elapsed();
    assert!(shown < SHOWN, "shown after {shown:?}");
    let stopped_at = newest(&data).expect("a tick");
    cut("127.77.1.7");
    let open = |answer: &serde_json::Value| {
        items(answer).iter().any(|item| text(item, "link") == "fibre-7" && item["end"].is_null())
    };
    wait_for("an outage is seen", || ask(&province.config(), &["outages"]).filter(open));
    wait_for("ticks wait", || waits().filter(|ticks| *ticks > 3));
    assert_eq!(newest(&data), Some(stopped_at), "nothing gets to the disk");

    // Such a file system takes no writes before it was unmounted, which it cannot be while the daemon runs: a copy of
    // the disk comes in its place.
    drop(disk);
    let copy = province.dir.path().join("copy");
    fs::copy(&image, &copy).expect("copy");
    let mended = Command::new("e2fsck").args(["-fy"]).arg(&copy).output().expect("e2fsck");
    assert!(mended.status.code().is_some_and(|code| code <= 1), "{mended:?}");
    let _copy = mounted(&copy, &data).expect("the copy is mounted");
    wait_for("all is stored", || status(&province).filter(|answer| notice(answer, "not-stored").is_none()));
    more_ticks(&data, 2);
    daemon.stop();
    let count = whole(&data);
    let on_disk = Reader::open(&data).and_then(|reader| {
        let now = reader.last_tick()?.map_or(UtcMs::MIN, |tick| tick.at);
        reader.evidence(now, phusong_model::Window::new(UtcMs::MIN, now))
    });
    let outages = on_disk.expect("evidence").outages;
    assert_eq!(outages.iter().map(|outage| outage.link.as_str()).collect::<Vec<_>>(), ["fibre-7"]);
    assert_eq!(phusong(&province.config(), &["store", "check"]).status.code(), Some(0));
    println!("{count} ticks, none missing; the fault was shown after {shown:?}");
}
