#!/usr/bin/env bash
# shellcheck disable=SC2154,SC2034 # peers.sh sources this and has the variables.
# What all benches share: installing peers, starting and ending them, processor time, medians, the table.

# Installs Debian packages that are missing; what cannot be installed is told by the row that needs it.
install_missing() {
    command -v apt-get >/dev/null || return
    local missing=() package policy=/usr/sbin/policy-rc.d wrote=
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    echo "installing ${missing[*]}" >&2
    # The exporters are started here on free ports; their services are not wanted.
    [ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' >$policy && chmod +x $policy && wrote=yes; }
    apt-get update -q >/dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null ||
        echo "could not install ${missing[*]}" >&2
    [ -z "$wrote" ] || rm -f $policy
}

# Starts a server; its output goes to a file of the name given first, and its process is ended with the script.
start() {
    local name=$1
    shift
    "$@" >"$work/$name.out" 2>"$work/$name.log" &
    started+=($!)
    server=$!
}

clean_up() {
    [ ${#started[@]} -eq 0 ] || kill "${started[@]}" 2>/dev/null
    wait
    rm -rf "$work"
}

# A TCP port that nobody listens on now.
free_port() {
    local port
    while port=$((20000 + RANDOM % 10000)); (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
    echo "$port"
}

# Waits until a server answers at the URL.
await() {
    for _ in $(seq 100); do
        curl -s -o "$work/await" "$1" && return
        sleep 0.1
    done
    echo "nothing answers at $1: $(tail -n1 "$work/$2.log")" >&2
    return 1
}

# One request after another for every URL in a file, 64 at once, over connections that are kept.
drive() {
    curl -sS --no-progress-meter --parallel --parallel-immediate --parallel-max 64 --config "$1"
}

# Whether so many lines of the answers are of this form.
expect_answers() {
    local found
    found=$(grep -c "$2" "$work/answers")
    [ "$found" = "$1" ] || { echo "$found of $1 answers have $2" >&2; return 1; }
}

# User and system time of a process so far, in seconds.
cpu_of() {
    awk -v hz="$(getconf CLK_TCK)" '{sub(/.*\) /, ""); print ($12 + $13) / hz}' "/proc/$1/stat"
}

calc() {
    awk "BEGIN { print $1 }"
}

# The median of the numbers on stdin; nothing when there are none.
median() {
    sort -g | awk '{value[NR] = $1} END {if (NR) print (value[int((NR + 1) / 2)] + value[int(NR / 2) + 1]) / 2}'
}

# describe_machine WHAT: the machine, the moment, and how it was measured.
describe_machine() {
    local cpu
    cpu=$(awk -F': ' '/^model name/ {print $2; exit}' /proc/cpuinfo)
    echo "$(nproc) x ${cpu:-processor}, Linux $(uname -r), $(rustc --version), load $(cut -d' ' -f1 /proc/loadavg)," \
        "$(date -u +%F' '%T) UTC, $1"
}

header() {
    printf '%-52s %12s %12s %8s %8s %8s  %s\n' row ours peer ratio must aim verdict
}

verdict() {
    awk -v value="$1" -v must="$2" -v aim="$3" \
        'BEGIN { print (value <= aim ? "aim met" : value <= must ? "must met" : "not met") }'
}

# ratio_row TITLE OURS PEER MUST AIM: judged by the ratio.
ratio_row() {
    if [ -z "$2" ] || [ -z "$3" ]; then
        missing_row "$1" "a run failed (see above)"
        return
    fi
    local ratio
    ratio=$(calc "$2 / $3")
    printf '%-52s %12.4g %12.4g %8.3f %8.3f %8.3f  %s\n' "$1" "$2" "$3" "$ratio" "$4" "$5" "$(verdict "$ratio" "$4" "$5")"
}

# value_row TITLE OURS PEER MUST AIM: judged by our figure; the peer's stands beside it, or "-".
value_row() {
    [ -n "$2" ] || { missing_row "$1" "a run failed (see above)"; return; }
    printf '%-52s %12.6g %12s %8s %8g %8g  %s\n' "$1" "$2" "${3:--}" - "$4" "$5" "$(verdict "$2" "$4" "$5")"
}

missing_row() {
    printf '%-52s not measured: %s\n' "$1" "$2"
}
