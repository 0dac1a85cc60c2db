"""geopandas.sjoin on the input of the example `points`: a million points to the communes of the country."""

import json
import statistics
import subprocess
import time

import geopandas
import numpy

SEED, POINTS = 20250701, 1_000_000


def points_in_boxes(communes):
    """Points in the boxes around communes taken at random, so that most lie in one and some in none."""
    random = numpy.random.default_rng(SEED)
    boxes = communes.bounds.to_numpy()[random.integers(0, len(communes), POINTS)]
    return boxes[:, :2] + random.random((POINTS, 2)) * (boxes[:, 2:] - boxes[:, :2])


def rows(program, communes_file, scratch, runs, must, aim):
    communes = geopandas.read_file(communes_file)[["code", "geometry"]]
    positions = points_in_boxes(communes)
    points_file, found_file = scratch / "points", scratch / "found"
    points_file.write_bytes(positions.astype("<f8").tobytes())
    # Both sides get communes and points in memory.
    points = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(*positions.T), crs=communes.crs)
    times, joined = [], None
    for _ in range(runs):
        start = time.process_time()
        joined = geopandas.sjoin(points, communes, predicate="within")
        times.append(time.process_time() - start)
    theirs = numpy.full(POINTS, "", dtype="<U5")
    theirs[joined.index.to_numpy()] = joined["code"].to_numpy(dtype="<U5")

    command = [program, "--communes", communes_file, "--points", points_file, "--found", found_file, "--runs", runs]
    ours = json.loads(subprocess.run([str(word) for word in command], check=True, capture_output=True).stdout)
    found = numpy.array(found_file.read_text().split("\n"), dtype="<U5")
    differing = int((found != theirs).sum()) if len(found) == POINTS else POINTS
    theirs_s = statistics.median(times)
    yield {
        "row": f"a million points to {len(communes)} communes",
        "ours_s": round(ours["locate_s"], 4),
        "geopandas_s": round(theirs_s, 3),
        "ratio": round(theirs_s / ours["locate_s"], 1),
        "must": must,
        "aim": aim,
        "with_repair_of_boundaries_ratio": round(theirs_s / (ours["locate_s"] + ours["sound_s"]), 1),
        "inside": ours["inside"],
        "differing": differing,
        "examine_s": round(ours["examine_s"], 3),
        "read_s": round(ours["read_s"], 3),
        "ok": theirs_s / ours["locate_s"] >= must and differing == 0,
    }
