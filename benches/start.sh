#!/usr/bin/env bash
# How fast the CLI answers, from a cold process: `phusong` of a small province whose daemon runs, and questions about the
# store of a year of 2,000 links, beside `systemctl status` and `sqlite3` on the same machine. Medians of eleven runs of each
# kind, one after the other. Usage: benches/start.sh FOLDER (that of benches/store.sh; its store of a year is made if need be).
set -u -o pipefail
cd "$(dirname "$0")/.." || exit 2
# shellcheck source=benches/measure.sh
source benches/measure.sh

folder=${1:?"usage: benches/start.sh FOLDER"}
mkdir -p "$folder" || exit 2
folder=$(cd "$folder" && pwd)
install_missing sqlite3 systemd
cargo build --release --locked --quiet --bin phusong --bin phusongd || exit 2
cargo build --release --locked --quiet -p phusong-store --examples || exit 2
[ -e "$folder/year/phusong.db" ] || target/release/examples/store_queries --folder "$folder/year" >/dev/null || exit 1
work=$(mktemp -d -p "$folder")
started=()
trap clean_up EXIT
export LANG=C.UTF-8

# The demo answers on its socket; the year has no daemon, so that the CLI reads the store itself.
start demo target/release/phusongd demo --dir "$work/demo"
for _ in $(seq 200); do
    target/release/phusong --config "$work/demo/phusong.toml" status --json 2>/dev/null | grep -q '"source": "daemon"' && break
    sleep 0.1
done
printf '[store]\nfolder = "%s"\n\n[api]\nsocket = "%s/none.sock"\n' "$folder/year" "$work" >"$work/year.toml"

phusong() { target/release/phusong --config "$@" >"$work/out" 2>"$work/err"; }
question="SELECT link.id, span.state, span.from_at FROM span JOIN link ON link.key = span.link WHERE span.to_at IS NULL"

declare -A names=(
    [help]="phusong --help"
    [daemon]="phusong, the daemon answers"
    [store]="phusong, from the store of the demo"
    [year]="phusong, a year x 2,000 links, from the store"
    [gaps]="phusong gaps, the same"
    [systemctl]="systemctl status"
    [sqlite]="sqlite3: the open spans of the same store"
)
run() {
    case $1 in
    help) target/release/phusong --help >"$work/out" ;;
    daemon) phusong "$work/demo/phusong.toml" status ;;
    store) phusong "$work/demo/phusong.toml" status --socket "$work/none.sock" ;;
    year) phusong "$work/year.toml" status ;;
    gaps) phusong "$work/year.toml" gaps ;;
    systemctl) systemctl status >"$work/out" 2>&1 ;;
    sqlite) sqlite3 "file:$folder/year/phusong.db?mode=ro" "$question" >"$work/out" ;;
    esac
}

median() { sort -g | awk '{all[NR] = $1} END {print all[int((NR + 1) / 2)]}'; }

TIMEFORMAT='%R %U %S'
printf '%-46s %9s %9s\n' "" "wall ms" "CPU ms"
for round in $(seq 11); do
    for what in help daemon store year gaps systemctl sqlite; do
        { time run "$what" 2>/dev/null; } 2>>"$work/$what.times"
    done
done
for what in help daemon store year gaps systemctl sqlite; do
    wall=$(awk '{print $1 * 1000}' "$work/$what.times" | median)
    cpu=$(awk '{print ($2 + $3) * 1000}' "$work/$what.times" | median)
    printf '%-46s %9s %9s\n' "${names[$what]}" "$wall" "$cpu"
done
