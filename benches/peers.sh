#!/usr/bin/env bash
# Runs the peers beside our engines and prints one table: our figure, the peer's, their ratio, and the goals.
# Needs root for raw sockets and a network namespace. All traffic stays on loopback and in namespaces made here.
set -u -o pipefail
cd "$(dirname "$0")/.." || exit 2

# shellcheck source=benches/measure.sh
. benches/measure.sh
# shellcheck source=benches/icmp.sh
. benches/icmp.sh
# shellcheck source=benches/snmp.sh
. benches/snmp.sh

usage() {
    cat <<'END'
usage: benches/peers.sh [--rounds N] [--short] [icmp|snmp]
  --rounds N   the median of N runs (3)
  --short      few packets: shows that everything runs, and proves nothing
END
}

rounds=3 short="" parts="icmp snmp"
while [ $# -gt 0 ]; do
    case $1 in
        --rounds) rounds=${2:?"--rounds needs a number"}; shift ;;
        --short) short=yes ;;
        icmp | snmp) parts=$1 ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
    shift
done
[ "$(id -u)" = 0 ] || { echo "peers.sh: raw sockets and namespaces need root" >&2; exit 2; }

install_missing fping prometheus-blackbox-exporter prometheus-snmp-exporter braa curl jq iproute2
cargo build --release --locked --quiet -p phusong-probes --examples || exit 2
examples=$PWD/target/release/examples
work=$(mktemp -d)
started=()
trap clean_up EXIT

describe_machine "median of $rounds${short:+, short run}"
header
for part in $parts; do
    "${part}_rows"
done
