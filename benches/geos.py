"""GEOS, by shapely, on the input of `coverage_load`: covered area per commune, and the whole report from files.

A commune's areas are compared as ours are defined: edges are straight in longitude and latitude, on the ellipsoid.
"""

import csv
import json
import subprocess
import time

import numpy
import shapely

# WGS 84.
SEMI_MAJOR_M, ECCENTRICITY_2 = 6_378_137.0, 6.694_379_990_141_317e-3
# Gauss-Legendre nodes and weights for the mean over an edge.
NODES = [(-0.7745966692414834, 5 / 18), (0.0, 8 / 18), (0.7745966692414834, 5 / 18)]
# From the newest technology down, and how layer files name them.
TECHNOLOGIES = ["5G", "4G", "3G", "2G"]
RADIOS = {"NR": "5G", "LTE": "4G", "UMTS": "3G", "GSM": "2G"}
# Gaps are made for any operator and these.
GAP_TECHNOLOGIES = ["4G", "3G"]


def zone(latitude):
    """Area between the equator and a latitude in degrees, per radian, in units of the squared semi-major axis."""
    e, s = numpy.sqrt(ECCENTRICITY_2), numpy.sin(numpy.deg2rad(latitude))
    return 0.5 * (1 - ECCENTRICITY_2) * (s / (1 - ECCENTRICITY_2 * s * s) + numpy.arctanh(e * s) / e)


def areas_m2(geometries):
    """Area of each polygon on the ellipsoid, edges straight in longitude and latitude."""
    rings, polygon_of = shapely.get_rings(geometries, return_index=True)
    points, ring_of = shapely.get_coordinates(rings, return_index=True)
    inner = ring_of[1:] == ring_of[:-1]
    a, b, of = points[:-1][inner], points[1:][inner], ring_of[1:][inner]
    first = points[numpy.searchsorted(ring_of, numpy.arange(len(rings)))]
    reference = zone(first[:, 1])[of]
    middle, half = (a[:, 1] + b[:, 1]) / 2, (b[:, 1] - a[:, 1]) / 2
    mean = sum(weight * (zone(middle + node * half) - reference) for node, weight in NODES)
    ring_area = numpy.abs(numpy.bincount(of, mean * numpy.deg2rad(b[:, 0] - a[:, 0]), len(rings)))
    is_shell = numpy.r_[True, polygon_of[1:] != polygon_of[:-1]]
    signed = numpy.where(is_shell, ring_area, -ring_area) * SEMI_MAJOR_M**2
    return numpy.bincount(polygon_of, signed, len(geometries))


def read_features(path):
    """Geometries and properties; every one valid, as GEOS needs it."""
    features = json.loads(path.read_text())["features"]
    geometries = shapely.from_geojson([json.dumps(feature["geometry"]) for feature in features])
    if not shapely.is_valid(geometries).all():
        geometries = shapely.make_valid(geometries)
    return geometries, [feature["properties"] for feature in features]


def over_communes(communes, parts, area=shapely.area):
    """What parts that do not overlap cover of each commune: the pieces, and whose they are."""
    tree = shapely.STRtree(parts)
    shapely.prepare(communes)
    commune, part = tree.query(communes, predicate="intersects")
    pieces = parts[part]
    across = ~shapely.contains(communes[commune], pieces)
    pieces[across] = shapely.intersection(communes[commune][across], pieces[across])
    return pieces, commune, numpy.bincount(commune, area(pieces), len(communes))


def exact_areas(pieces, commune, count):
    """The areas that ours are compared with."""
    polygons, piece_of = shapely.get_parts(pieces, return_index=True)
    is_area = shapely.get_type_id(polygons) == 3
    polygons, piece_of = polygons[is_area], piece_of[is_area]
    return numpy.bincount(commune[piece_of], areas_m2(polygons), count)


def ours(program, communes, layers, settlements=None, figures=None, changed=None):
    """Runs our program; its line, and its figures when asked for."""
    command = [program, "--communes", communes]
    command += ["--changed", changed] if changed else []
    command += ["--settlements", settlements] if settlements else []
    command += ["--figures", figures] if figures else []
    command += ["--layers", *layers]
    line = subprocess.run([str(word) for word in command], check=True, capture_output=True).stdout
    return json.loads(line), json.loads(figures.read_text()) if figures else None


def largest_difference(codes, theirs_m2, totals_m2, figures, technology, operator="any"):
    """Largest difference of covered area in any commune, as share of the commune."""
    covered = {
        figure["commune"]: figure["area_km2"]["numerator"] * 1e6
        for figure in figures
        if figure["technology"] == technology and figure["operator"] == operator
    }
    return float(max(abs(covered[code] - m2) / total for code, m2, total in zip(codes, theirs_m2, totals_m2)))


def footprints(program, communes_file, layer_file, moved_file, scratch):
    """Covered area per commune under messy footprints: dissolve, then intersect; and again, when one has moved."""
    communes, properties = read_features(communes_file)
    shapes, _ = read_features(layer_file)
    codes = [commune["code"] for commune in properties]
    start = time.process_time()
    dissolved = shapely.get_parts(shapely.union_all(shapes))
    dissolved_s = time.process_time() - start
    pieces, commune, _ = over_communes(communes, dissolved)
    theirs_s = time.process_time() - start
    figures = scratch / "footprints.json"
    line, answer = ours(program, communes_file, [layer_file], figures=figures, changed=moved_file)
    # Both sides start with the shapes in memory.
    ours_s = line["steps"]["prepare"]["cpu_s"] + line["steps"]["overlay"]["cpu_s"]
    changed = line["changed"]
    changed_s, full_s = changed["median_cpu_s"], changed["full_median_cpu_s"]
    with_reading_s = changed_s + changed["steps"]["read"]["cpu_s"]
    totals_m2 = exact_areas(communes, numpy.arange(len(communes)), len(communes))
    theirs_m2 = exact_areas(pieces, commune, len(communes))
    difference = largest_difference(codes, theirs_m2, totals_m2, answer["figures"], "4G")
    yield {
        "row": "covered area per commune",
        "footprints": len(shapes),
        "communes": len(communes),
        "ours_s": round(ours_s, 3),
        "geos_s": round(theirs_s, 3),
        "geos_dissolve_s": round(dissolved_s, 3),
        "ratio": round(theirs_s / ours_s, 2),
        "must": 2.0,
        "aim": 6.0,
        "largest_difference": difference,
        "peak_mb": round(line["peak_mb"], 1),
        "covered_km2": theirs_m2.sum() / 1e6,
        "ok": theirs_s / ours_s >= 2.0 and difference <= 1e-9,
    }
    yield {
        "row": "the same, when one footprint has moved",
        "computed_communes": changed["computed"],
        "same_bytes_as_full_run": changed["same_bytes"],
        "ours_s": round(changed_s, 4),
        "our_full_s": round(full_s, 3),
        "ratio": round(full_s / changed_s, 1),
        "with_reading_s": round(with_reading_s, 3),
        "geos_full_s": round(theirs_s, 3),
        "ratio_to_geos": round(theirs_s / changed_s, 1),
        "ratio_to_geos_with_reading": round(theirs_s / with_reading_s, 1),
        "must": 50.0,
        "aim": 500.0,
        "ok": full_s / changed_s >= 50.0 and changed["same_bytes"],
    }


def ladders(layers):
    """Any operator and each one, and of each the layers that a technology adds, from the newest down."""
    operators = sorted({operator for operator, _ in layers})
    for scope in ["any", *operators]:
        within = [key for key in layers if scope in ("any", key[0])]
        yield scope, [[key for key in within if key[1] == technology] for technology in TECHNOLOGIES]


def polygons_of(geometries):
    """All polygons as one shape; what is left of cutting as lines and points is not area."""
    parts = shapely.get_parts(geometries)
    return shapely.make_valid(shapely.MultiPolygon(list(parts[shapely.get_type_id(parts) == 3])))


def report(communes_file, layer_file, settlements_file):
    """What our report has, by GEOS: areas of each scope and technology, gaps, and settlements with signal.

    Layers are cut to the box of a commune before they are joined, which takes half the time of joining them whole.
    """
    communes, properties = read_features(communes_file)
    shapes, keys = read_features(layer_file)
    layers = {(key["operator"].lower(), RADIOS[key["radio"]]): shape for shape, key in zip(shapes, keys)}
    with settlements_file.open() as lines:
        settlements = [(float(row["lon"]), float(row["lat"])) for row in csv.DictReader(lines)]
    places = shapely.STRtree(shapely.points(settlements))
    parts = {key: shapely.get_parts(shape) for key, shape in layers.items()}
    trees = {key: shapely.STRtree(shapes) for key, shapes in parts.items()}
    seen = {key: places.query(shapes, predicate="intersects")[1] for key, shapes in parts.items()}
    covered, gaps = {}, 0
    for commune in communes:
        near = {
            key: polygons_of(shapely.clip_by_rect(parts[key][tree.query(commune)], *commune.bounds))
            for key, tree in trees.items()
        }
        for scope, steps in ladders(layers):
            signal = shapely.MultiPolygon()
            for technology, added in zip(TECHNOLOGIES, steps):
                signal = shapely.union_all([signal, *(near[key] for key in added)])
                covered.setdefault((scope, technology), []).append(shapely.intersection(commune, signal))
                if scope == "any" and technology in GAP_TECHNOLOGIES:
                    rest = shapely.get_parts(shapely.difference(commune, signal))
                    gaps += int((shapely.area(rest) > 0).sum())
    codes = [commune["code"] for commune in properties]
    covered = {key: (numpy.array(pieces), numpy.arange(len(communes))) for key, pieces in covered.items()}
    return communes, codes, covered, gaps, seen


def layers_report(program, communes_file, layer_file, settlements_file, scratch):
    """The full report of all operators and technologies, files read included."""
    start = time.process_time()
    communes, codes, covered, gaps, _ = report(communes_file, layer_file, settlements_file)
    theirs_s = time.process_time() - start
    line, answer = ours(program, communes_file, [layer_file], settlements_file, scratch / "layers.json")
    totals_m2 = exact_areas(communes, numpy.arange(len(communes)), len(communes))
    difference = max(
        largest_difference(
            codes, exact_areas(pieces, commune, len(communes)), totals_m2, answer["figures"], technology,
            "any" if scope == "any" else {"one": scope},
        )
        for (scope, technology), (pieces, commune) in covered.items()
    )
    totals = line["totals"]
    yield {
        "row": "full report of the layers, from files",
        "figures": totals["figures"],
        "ours_s": round(line["cpu_s"], 3),
        "ours_wall_s": round(line["wall_s"], 3),
        "geos_s": round(theirs_s, 3),
        "ratio": round(theirs_s / line["cpu_s"], 2),
        "must": 3.0,
        "aim": 8.0,
        "largest_difference": difference,
        "peak_mb": round(line["peak_mb"], 1),
        "gap_parts": totals["gaps"] + totals["slivers"] + totals["small"],
        "geos_gap_parts": gaps,
        "ok": theirs_s / line["cpu_s"] >= 3.0 and difference <= 1e-9,
    }
