// Hourly figures for long history on InfluxDB 2.x: make a bucket "phusong-1h" without retention, then
//   influx task create --file downsample.flux
// The last six hours are computed anew each time, since points that waited in phusong's store come late; the same points
// overwrite themselves. link_state and coverage are small and need none of this.
import "date"

option task = {name: "phusong hourly", every: 15m, offset: 2m}

source = "phusong"
target = "phusong-1h"
stop = date.truncate(t: now(), unit: 1h)
start = time(v: int(v: stop) - int(v: 6h))

hourly = (measurement, pick, fn) =>
    from(bucket: source)
        |> range(start: start, stop: stop)
        |> filter(fn: (r) => r._measurement == measurement)
        |> filter(fn: pick)
        |> aggregateWindow(every: 1h, fn: fn, createEmpty: false, timeSrc: "_start")
        |> set(key: "_measurement", value: measurement + "_1h")

hourly(measurement: "link_probe", pick: (r) => r._field == "sent" or r._field == "lost", fn: sum)
    |> to(bucket: target)

hourly(measurement: "link_probe", pick: (r) => r._field == "rtt_min", fn: min)
    |> to(bucket: target)

hourly(measurement: "link_probe", pick: (r) => r._field == "rtt_median" or r._field == "jitter", fn: mean)
    |> to(bucket: target)

hourly(measurement: "link_probe", pick: (r) => r._field == "rtt_p95" or r._field == "rtt_max", fn: max)
    |> to(bucket: target)

hourly(
    measurement: "if_stat",
    pick: (r) => r._field == "in_bps" or r._field == "out_bps" or r._field == "rx_dbm" or r._field == "tx_dbm",
    fn: mean,
)
    |> to(bucket: target)

hourly(
    measurement: "if_stat",
    pick: (r) => r._field == "in_err" or r._field == "out_err" or r._field == "in_disc" or r._field == "out_disc",
    fn: sum,
)
    |> to(bucket: target)

hourly(measurement: "phusong_self", pick: (r) => r._field == "blind_share", fn: mean)
    |> to(bucket: target)

hourly(measurement: "phusong_self", pick: (r) => r._field == "probe_lag_ms" or r._field == "queue", fn: max)
    |> to(bucket: target)
