#!/usr/bin/env bash
# shellcheck disable=SC2154 # peers.sh sources this and has the variables.
# The ICMP rows: against the bare limit on loopback, against fping and surge-ping on a path of known length.

icmp_rows() {
    saturated
    paced
    false_loss
    many_targets
    blackbox
}

saturated() {
    local targets=${short:+5000}
    for _ in $(seq "$rounds"); do
        for program in icmp_load bare_echo; do
            "$examples/$program" --sock raw --targets "${targets:-50000}" --rounds 4 |
                jq .cpu_per_100k >>"$work/saturated.$program"
        done
    done
    ratio_row "CPU s/100k, saturated loopback, bare loop" \
        "$(median <"$work/saturated.icmp_load")" "$(median <"$work/saturated.bare_echo")" 1.25 1.1
}

# All three in turn on the same path. The whole process counts, its start too, and of the path nothing.
paced() {
    local times=${short:+2}
    times=${times:-6}
    seq 0 4999 | awk '{printf "10.80.%d.%d\n", int($1 / 256), $1 % 256}' >"$work/targets"
    for _ in $(seq "$rounds"); do
        for program in icmp_load surge_load; do
            "$examples/tun_path" -- "$examples/$program" --sock raw --base 10.80.0.0 --targets 5000 --rounds "$times" \
                --rate 5000 >"$work/run" && add_paced $program "$(head -n1 "$work/run" | jq .rtt_us.p50)"
        done
        # Its milliseconds have three digits; "-" is a loss.
        "$examples/tun_path" -- fping -q -C "$times" -i 0.2 -p 1000 -t 900 -r 0 -f "$work/targets" \
            >"$work/run" 2>"$work/fping.rtts"
        add_paced fping "$(awk '{for (i = 3; i <= NF; i++) if ($i != "-") print $i * 1000}' "$work/fping.rtts" | median)"
    done
    local ours peer
    ours=$(median <"$work/icmp_load.cpu")
    ratio_row "CPU s/100k, 5,000/s on 20±5 ms, fping" "$ours" "$(median <"$work/fping.cpu")" 0.3333 0.25
    ratio_row "CPU s/100k, 5,000/s on 20±5 ms, surge-ping" "$ours" "$(median <"$work/surge_load.cpu")" 0.5 0.41667
    for peer in fping surge_load; do
        value_row "RTT error p50 in that run, µs (peer: ${peer%_load})" "$(median <"$work/icmp_load.error")" \
            "$(median <"$work/$peer.error")" 150 80
    done
}

# The path's own account is the last line of a run.
add_paced() {
    tail -n1 "$work/run" | jq '.command.cpu_s / .requests * 1e5' >>"$work/$1.cpu"
    tail -n1 "$work/run" | jq --argjson p50 "$2" '$p50 - .dwell_us.p50 | fabs' >>"$work/$1.error"
}

# Every target lives, and all are due in one second: at once on the path, and 50,000 on loopback.
false_loss() {
    local peer
    peer=$("$examples/tun_path" -- "$examples/surge_load" --sock raw --base 10.80.0.0 --targets 5000 | sed -n 1p | jq .lost)
    value_row "false loss of 5,000 at once on the path, worst" \
        "$(worst_loss "$examples/tun_path" -- "$examples/icmp_load" --sock raw --base 10.80.0.0 --targets 5000)" \
        "surge $peer" 0 0
    value_row "false loss of 50,000 in one second, worst" \
        "$(worst_loss "$examples/icmp_load" --sock raw --targets 50000 --rate 50000)" - 0 0
}

# Echoes that were lost or could not be sent, in the worst of the runs.
worst_loss() {
    for _ in $(seq "$rounds"); do
        "$@" | sed -n 1p | jq '.lost + .blind'
    done | sort -n | tail -n1
}

many_targets() {
    local line
    line=$("$examples/icmp_load" --sock raw --targets 100000 --rounds 2)
    value_row "lost of 100,000 targets in one process" "$(jq '(.lost + .blind)' <<<"$line")" - 0 0
    value_row "RSS in bytes for each of 100,000 targets" "$(jq .rss_bytes_per_target <<<"$line")" - 256 96
}

# Not a goal of its own; a probe by HTTP beside ours, 64 at once over connections that are kept.
blackbox() {
    local title="CPU s/100k, saturated loopback, blackbox_exporter" server port before count=${short:+500}
    count=${count:-5000}
    command -v prometheus-blackbox-exporter >/dev/null || { missing_row "$title" "it is not installed"; return; }
    printf 'modules:\n  icmp:\n    prober: icmp\n    icmp:\n      preferred_ip_protocol: ip4\n' >"$work/blackbox.yml"
    port=$(free_port)
    start blackbox prometheus-blackbox-exporter --config.file="$work/blackbox.yml" --web.listen-address="127.0.0.1:$port"
    await "http://127.0.0.1:$port/-/healthy" blackbox || { missing_row "$title" "it does not start"; return; }
    seq 0 $((count - 1)) | awk -v port="$port" '{
        printf "url = \"http://127.0.0.1:%d/probe?module=icmp&target=127.1.%d.%d\"\n", port, int($1 / 256), $1 % 256
    }' >"$work/urls"
    for _ in $(seq "$rounds"); do
        before=$(cpu_of "$server")
        drive "$work/urls" >"$work/answers"
        expect_answers "$count" '^probe_success 1' || { missing_row "$title" "it lost probes"; return; }
        calc "($(cpu_of "$server") - $before) / $count * 1e5" >>"$work/blackbox.cpu"
    done
    ratio_row "$title" "$(median <"$work/saturated.icmp_load")" "$(median <"$work/blackbox.cpu")" 0.04 0.0222
}
