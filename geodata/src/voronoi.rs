//! Boundaries where there are none: each commune gets the places that are nearer to its label point than to any other,
//! within the outline of all label points. Every figure that rests on them says so.

use phusong_model::{Commune, Fault};

use crate::{
    boundaries::Boundary,
    grid::{Point, Ring, to_grid},
};

/// Corners of a cell fall on this part of a degree (1 cm), so that the cells at a corner share it to the last unit.
const SNAP_PER_DEGREE: f64 = 1e7;
/// Corners of the disc around each label point that the outline goes around.
const DISC_CORNERS: u32 = 16;
/// How far the outline keeps from the label point of a lone commune, in degrees: about 5 km.
const LONE_RADIUS: f64 = 0.045;
/// Where the inventory keeps label points, for faults.
const COMMUNES_FILE: &str = "communes.csv";

/// A point of the plane where a degree is as long eastwards as northwards.
type Planar = [f64; 2];

/// A boundary for each commune, in order of the codes.
pub(crate) fn approximate(communes: &[Commune]) -> Result<Vec<Boundary>, Vec<Fault>> {
    let labels = label_points(communes)?;
    let narrowing = narrowing(&labels);
    let points: Vec<Planar> = labels.iter().map(|[lon, lat]| [lon * narrowing, *lat]).collect();
    let outline = outline(&points);
    let cell = |(index, commune): (usize, &Commune)| {
        let ring = on_grid(&cell(&points, index, &outline), narrowing);
        Boundary::new(commune.code.clone(), vec![vec![ring]])
    };
    Ok(communes.iter().enumerate().map(cell).collect())
}

fn label_points(communes: &[Commune]) -> Result<Vec<[f64; 2]>, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut labels: Vec<[f64; 2]> = Vec::with_capacity(communes.len());
    for commune in communes {
        let hint = "give it label_lon and label_lat, or name a boundary file in geodata.communes";
        let Some(label) = commune.label.filter(|at| to_grid(at.lon, at.lat).is_some()) else {
            let message = format!("commune {} has neither a boundary nor a label point", commune.code);
            faults.push(Fault::of_file(COMMUNES_FILE, message, hint));
            continue;
        };
        if labels.contains(&[label.lon, label.lat]) {
            let message = format!("commune {} has the label point of another commune", commune.code);
            faults.push(Fault::of_file(COMMUNES_FILE, message, hint));
        }
        labels.push([label.lon, label.lat]);
    }
    if faults.is_empty() { Ok(labels) } else { Err(faults) }
}

/// How much shorter a degree of longitude is in the middle of the points.
fn narrowing(labels: &[[f64; 2]]) -> f64 {
    let (low, high) =
        labels.iter().fold((90.0_f64, -90.0_f64), |(low, high), [_, lat]| (low.min(*lat), high.max(*lat)));
    // Away from the poles, where a division would fail.
    f64::midpoint(low, high).clamp(-85.0, 85.0).to_radians().cos()
}

/// The convex outline around discs at the points, half as wide as neighbours are usually apart.
fn outline(points: &[Planar]) -> Vec<Planar> {
    let nearest = |a: &Planar| points.iter().filter(|b| *b != a).map(|b| distance(a, b)).min_by(f64::total_cmp);
    let mut apart: Vec<f64> = points.iter().filter_map(nearest).collect();
    apart.sort_by(f64::total_cmp);
    let radius = apart.get(apart.len() / 2).map_or(LONE_RADIUS, |median| median / 2.0);
    let corner = |point: &Planar, k: u32| {
        let angle = std::f64::consts::TAU * f64::from(k) / f64::from(DISC_CORNERS);
        [point[0] + radius * angle.cos(), point[1] + radius * angle.sin()]
    };
    hull(points.iter().flat_map(|p| (0..DISC_CORNERS).map(move |k| corner(p, k))).collect())
}

/// Convex hull, counter-clockwise (Andrew's chains).
fn hull(mut points: Vec<Planar>) -> Vec<Planar> {
    points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    let mut lower = chain(points.iter());
    let mut upper = chain(points.iter().rev());
    lower.pop();
    upper.pop();
    lower.extend(upper);
    lower
}

fn chain<'a>(points: impl Iterator<Item = &'a Planar>) -> Vec<Planar> {
    let mut chain: Vec<Planar> = Vec::new();
    for &point in points {
        while let [.., a, b] = chain.as_slice()
            && (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0]) <= 0.0
        {
            chain.pop();
        }
        chain.push(point);
    }
    chain
}

fn distance(a: &Planar, b: &Planar) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// The part of the outline that is nearer to the point with this index than to any other.
fn cell(points: &[Planar], index: usize, outline: &[Planar]) -> Vec<Planar> {
    let Some(own) = points.get(index) else { return Vec::new() };
    let mut others: Vec<&Planar> = points.iter().filter(|p| *p != own).collect();
    others.sort_by(|a, b| distance(own, a).total_cmp(&distance(own, b)));
    let mut cell = outline.to_vec();
    for other in others {
        // A point more than twice as far as the farthest corner cuts nothing off, nor does any after it.
        let reach = cell.iter().map(|corner| distance(own, corner)).max_by(f64::total_cmp).unwrap_or_default();
        if distance(own, other) > 2.0 * reach {
            break;
        }
        cell = nearer_half(&cell, own, other);
    }
    cell
}

/// The part of a convex polygon that is nearer to `own` than to `other`.
fn nearer_half(polygon: &[Planar], own: &Planar, other: &Planar) -> Vec<Planar> {
    let (dx, dy) = (other[0] - own[0], other[1] - own[1]);
    let (mx, my) = (f64::midpoint(own[0], other[0]), f64::midpoint(own[1], other[1]));
    let beyond = |p: &Planar| (p[0] - mx) * dx + (p[1] - my) * dy;
    let mut kept = Vec::with_capacity(polygon.len() + 1);
    for (a, b) in polygon.iter().zip(polygon.iter().cycle().skip(1)) {
        let (at_a, at_b) = (beyond(a), beyond(b));
        if at_a <= 0.0 {
            kept.push(*a);
        }
        if (at_a < 0.0 && at_b > 0.0) || (at_a > 0.0 && at_b < 0.0) {
            let t = at_a / (at_a - at_b);
            kept.push([a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]);
        }
    }
    kept
}

fn on_grid(cell: &[Planar], narrowing: f64) -> Ring {
    let snap = |degrees: f64| (degrees * SNAP_PER_DEGREE).round() / SNAP_PER_DEGREE;
    let mut ring: Vec<Point> = cell.iter().filter_map(|[x, y]| to_grid(snap(x / narrowing), snap(*y))).collect();
    ring.dedup();
    ring
}
