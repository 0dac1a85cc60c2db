//! Quantiles of times, as every program here prints them.

use serde_json::{Value, json};

/// Minimum, median, p95, p99 and maximum; `null` where there is nothing.
pub fn quantiles(mut times: Vec<u32>) -> Value {
    times.sort_unstable();
    let quantile = |share: f64| {
        let last = times.len().saturating_sub(1);
        times.get((last as f64 * share).round() as usize).copied()
    };
    json!({
        "min": quantile(0.0),
        "p50": quantile(0.5),
        "p95": quantile(0.95),
        "p99": quantile(0.99),
        "max": quantile(1.0),
    })
}
