#!/usr/bin/env bash
# shellcheck disable=SC2154 # peers.sh sources this and has the variables.
# The SNMP rows: our poller, snmp_exporter and braa against one fast agent on every loopback address.

# What our poller asks of a link in one request, and so everybody: uptime, age of the table and name of the system; name,
# both states, speed, octets, errors, discards and discontinuity of the interface.
get_oids=(
    1.3.6.1.2.1.1.3.0 1.3.6.1.2.1.31.1.5.0 1.3.6.1.2.1.1.5.0
    1.3.6.1.2.1.31.1.1.1.1.48 1.3.6.1.2.1.2.2.1.7.48 1.3.6.1.2.1.2.2.1.8.48 1.3.6.1.2.1.31.1.1.1.15.48
    1.3.6.1.2.1.31.1.1.1.6.48 1.3.6.1.2.1.31.1.1.1.10.48 1.3.6.1.2.1.2.2.1.14.48 1.3.6.1.2.1.2.2.1.20.48
    1.3.6.1.2.1.2.2.1.13.48 1.3.6.1.2.1.2.2.1.19.48 1.3.6.1.2.1.31.1.1.1.19.48
)
text_oids=" 1.3.6.1.2.1.1.5.0 1.3.6.1.2.1.31.1.1.1.1.48 "
walk_oid=1.3.6.1.2.1.31.1.1.1.1

snmp_rows() {
    local agent_port agents=1000 polls
    polls=${short:+2000}
    polls=${polls:-20000}
    start stub "$examples/snmp_stub" --rows 48
    for _ in $(seq 50); do
        agent_port=$(cat "$work/stub.out")
        [ -n "$agent_port" ] && break
        sleep 0.1
    done
    ours_snmp
    exporter
    braa_get
    snmp_table
}

ours_snmp() {
    [ -x "$examples/snmp_load" ] || { echo "there is no example snmp_load" >&2; return; }
    for _ in $(seq "$rounds"); do
        for operation in get walk; do
            load --agents "$agents" --polls "$polls" --op $operation | jq .cpu_per_10k >>"$work/ours.$operation"
        done
    done
    load --agents 10000 --polls 10000 --op get | jq .rss_kib >"$work/ours.rss"
}

load() {
    "$examples/snmp_load" --base 127.2.0.0 --port "$agent_port" "$@"
}

exporter() {
    command -v prometheus-snmp-exporter >/dev/null || return
    local server port operation before
    exporter_config >"$work/snmp.yml"
    port=$(free_port)
    start exporter prometheus-snmp-exporter --config.file="$work/snmp.yml" --web.listen-address="127.0.0.1:$port"
    await "http://127.0.0.1:$port/" exporter || return
    for operation in get walk; do
        seq 0 $((polls / 4 - 1)) | awk -v port="$port" -v agent="$agent_port" -v module="$operation" -v agents="$agents" '{
            place = $1 % agents
            printf "url = \"http://127.0.0.1:%d/snmp?module=%s&target=127.2.%d.%d:%d\"\n", \
                port, module, int(place / 256), place % 256, agent
        }' >"$work/urls"
        for _ in $(seq "$rounds"); do
            before=$(cpu_of "$server")
            drive "$work/urls" >"$work/answers"
            expect_answers $((polls / 4)) '^snmp_scrape_pdus_returned' || return
            calc "($(cpu_of "$server") - $before) / ($polls / 4) * 1e4" >>"$work/exporter.$operation"
        done
    done
}

# A walk of ours ends with a GET of the same objects, so the exporter's has them too.
exporter_config() {
    local module
    for module in get walk; do
        echo "$module:"
        [ $module = walk ] && echo "  walk: [$walk_oid]"
        echo "  get: [$(IFS=, && echo "${get_oids[*]}")]"
        echo "  metrics:"
        exporter_metrics
        if [ $module = walk ]; then
            echo "  - {name: name, oid: $walk_oid, type: DisplayString, help: its name," \
                "indexes: [{labelname: ifIndex, type: gauge}]}"
        fi
        printf '  version: 2\n  max_repetitions: 25\n  auth: {community: public}\n'
    done
}

exporter_metrics() {
    local oid number=0 kind
    for oid in "${get_oids[@]}"; do
        number=$((number + 1)) kind=gauge
        [[ $text_oids = *" $oid "* ]] && kind=DisplayString
        echo "  - {name: value$number, oid: $oid, type: $kind, help: one of many}"
    done
}

braa_get() {
    command -v braa >/dev/null || return
    local query=public@127.2.0.0-127.2.3.231:$agent_port oid queries=() answers
    for oid in "${get_oids[@]}"; do
        queries+=("$query:.$oid")
    done
    for _ in $(seq "$rounds"); do
        { TIMEFORMAT="%U %S"; time braa -2 -d 0 "${queries[@]}" >"$work/braa.out" 2>"$work/braa.log"; } 2>"$work/time"
        answers=$(grep -c '^127\.2\.' "$work/braa.out")
        [ "$answers" = $((1000 * ${#get_oids[@]})) ] || echo "braa has $answers answers of 1,000 agents" >&2
        awk '{print ($1 + $2) * 10}' "$work/time" >>"$work/braa.cpu"
    done
}

snmp_table() {
    compare "CPU s/10k GET of 14 objects, snmp_exporter" ours.get exporter.get 0.05 0.02857
    compare "CPU s/10k GET of 14 objects, braa" ours.get braa.cpu 0.25 0.125
    compare "CPU s/10k walks of 48 rows + GET, snmp_exporter" ours.walk exporter.walk 0.08333 0.05
    if [ -s "$work/ours.rss" ]; then
        value_row "RSS in MB with 10,000 agents" "$(calc "$(cat "$work/ours.rss") * 1024 / 1e6")" - 40 15
    else
        missing_row "RSS in MB with 10,000 agents" "snmp_load gave no figure"
    fi
}

compare() {
    local side
    for side in "$2" "$3"; do
        [ -s "$work/$side" ] || { missing_row "$1" "${side%.*} gave no figure"; return; }
    done
    ratio_row "$1" "$(median <"$work/$2")" "$(median <"$work/$3")" "$4" "$5"
}
