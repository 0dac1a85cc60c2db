#!/usr/bin/env bash
# Speed of the store: filling it, asking a year of it, and the CLI on that year. Needs some gigabytes in the folder for the
# time; the store of a year is kept there for the next run. Prints JSON lines.
set -u -o pipefail
cd "$(dirname "$0")/.." || exit 2

folder=${1:?"usage: benches/store.sh FOLDER"}
mkdir -p "$folder" || exit 2
folder=$(cd "$folder" && pwd)
cargo build --release --locked --quiet -p phusong-store --examples || exit 2
cargo build --release --locked --quiet --bin phusong || exit 2
work=$(mktemp -d -p "$folder")
trap 'rm -rf "$work"' EXIT

target/release/examples/store_load --links 1240 --period 30 --span 1d --folder "$work/load" || exit 1
rm -rf "$work/load"
target/release/examples/store_queries --folder "$folder/year" || exit 1

# The CLI reads the store itself here: no daemon listens. Exit code 3 says so.
printf '[store]\nfolder = "%s"\n\n[api]\nsocket = "%s/none.sock"\n' "$folder/year" "$work" >"$work/phusong.toml"
for question in "status" "gaps" "outages --since 30d" "availability --since 30d --by link" "availability --since 364d --by link" \
    "store info" "store check" "store export --force $work/day.parquet" "store backup $work/copy.db"; do
    for run in 1 2 3; do
        from=$(date +%s%N)
        # shellcheck disable=SC2086 # several words
        target/release/phusong --config "$work/phusong.toml" $question >/dev/null 2>&1
        code=$?
        printf '{"command":"phusong %s","run":%d,"exit":%d,"ms":%d}\n' \
            "${question//$work\//}" "$run" "$code" $((($(date +%s%N) - from) / 1000000))
        rm -f "$work/copy.db"
    done
done
