#!/usr/bin/env bash
# Processor time and memory of phusongd with 10,000 links that are pinged every 10 s, each with 5 echoes. The links are
# addresses of loopback, so that the kernel's answering is counted too. Root, or datagram sockets open to the group.
set -u -o pipefail
cd "$(dirname "$0")/.." || exit 2
# shellcheck source=benches/measure.sh
. benches/measure.sh

minutes=3 links=10000
while [ $# -gt 0 ]; do
    case $1 in
        --minutes) minutes=${2:?"--minutes needs a number"}; shift ;;
        --links) links=${2:?"--links needs a number"}; shift ;;
        *) echo "usage: benches/daemon.sh [--minutes N] [--links N]" >&2; exit 2 ;;
    esac
    shift
done

install_missing jq
cargo build --release --locked --quiet --bins || exit 2
work=$(mktemp -d)
started=()
trap clean_up EXIT

mkdir "$work/inventory"
printf 'code,name,kind\n02221,Nà Hang,xã\n' >"$work/inventory/communes.csv"
{
    echo id,kind,commune,address
    seq 0 $((links - 1)) | awk '{printf "fibre-%d,fibre,02221,127.66.%d.%d\n", $1, int($1 / 250), $1 % 250 + 1}'
} >"$work/inventory/links.csv"
cat >"$work/phusong.toml" <<END
[inventory]
folder = "inventory"
example = true
[icmp]
period = "10s"
echoes = 5
[store]
folder = "store"
[api]
socket = "api.sock"
END

start phusongd target/release/phusongd --config "$work/phusong.toml"
# The first rounds find everything new; what counts is what goes on for ever.
sleep 20
kill -0 "$server" || { tail -n5 "$work/phusongd.log" >&2; exit 1; }
before=$(cpu_of "$server") begun=$EPOCHREALTIME
sleep $((minutes * 60))
share=$(calc "($(cpu_of "$server") - $before) / ($EPOCHREALTIME - $begun) * 100")
peak=$(awk '/^VmHWM/ {print $2 * 1024 / 1e6}' "/proc/$server/status")
[ -n "$peak" ] || { tail -n5 "$work/phusongd.log" >&2; exit 1; }

describe_machine "$minutes minutes, $links links"
header
value_row "phusongd, % of one core, 10,000 links each 10 s" "$share" - 25 25
value_row "phusongd, peak RSS in MB" "$peak" - 150 150
target/release/phusong --config "$work/phusong.toml" links --json |
    jq -r '.items | group_by(.state) | map("\(.[0].state): \(length)") | "states in the end: " + join(", ")'
