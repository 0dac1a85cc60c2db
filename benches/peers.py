#!/usr/bin/env python3
"""The geodata engines beside their peers, on the same files and in one run.

    cargo build --release -p phusong-geodata --examples
    python3 -m venv VENV && VENV/bin/pip install exactextract geopandas numpy rasterio shapely
    VENV/bin/python benches/peers.py --data FOLDER [population] [footprints] [layers] [points]

FOLDER holds communes.geojson, population_synthetic_3s.tif, coverage_synthetic.geojson and villages_synthetic.csv. Each
row is in processor seconds, that of people the median of several runs; prints one line of JSON for each row. Exit
code 1: a figure differs by more than 1e-9, or a goal is missed. `benches/geodata.sh` does all of it.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import geos

ROOT = Path(__file__).resolve().parent.parent
# Goals of the rows: how many times faster than the peer, and largest relative difference.
MUST, AIM, AGREEMENT = 5.0, 20.0, 1e-9
POINTS_MUST, POINTS_AIM = 2.0, 10.0


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the province's files")
    parser.add_argument("--runs", type=int, default=5, help="runs of each side (5)")
    parser.add_argument("--zonal", type=Path, default=ROOT / "target/release/examples/zonal", help="our program")
    parser.add_argument(
        "--coverage", type=Path, default=ROOT / "target/release/examples/coverage_load", help="our program"
    )
    parser.add_argument("--footprints", type=Path, help="layer of benches/footprints.py")
    parser.add_argument(
        "--points", type=Path, default=ROOT / "target/release/examples/points", help="our program"
    )
    parser.add_argument("--country", type=Path, help="communes of benches/country.py")
    parser.add_argument("--moved", type=Path, help="the same with one footprint moved")
    parser.add_argument("rows", nargs="*", default=list(ROWS), help=f"what to compare ({' '.join(ROWS)})")
    arguments = parser.parse_args()
    unknown = set(arguments.rows) - set(ROWS)
    if unknown:
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    if "footprints" in arguments.rows and not (arguments.footprints and arguments.moved):
        parser.error("the row footprints needs --footprints FILE --moved FILE")
    if "points" in arguments.rows and not arguments.country:
        parser.error("the row points needs --country FILE")
    return arguments


def population(arguments, _scratch):
    """People per commune: exact shares of cells, decoding of the raster included."""
    import geopandas
    import exactextract

    communes_file = arguments.data / "communes.geojson"
    raster_file = arguments.data / "population_synthetic_3s.tif"
    # Peers get the boundaries ready, in memory, as ours are.
    communes = geopandas.read_file(communes_file)[["code", "geometry"]]
    times, sums = [], None
    for _ in range(arguments.runs):
        start = time.process_time()
        sums = exactextract.exact_extract(
            str(raster_file), communes, "sum", include_cols=["code"], output="pandas"
        )
        times.append(time.process_time() - start)
    theirs = dict(zip(sums["code"], sums["sum"]))

    command = [arguments.zonal, "--communes", communes_file, "--population", raster_file, "--runs", arguments.runs]
    ours = json.loads(subprocess.run([str(word) for word in command], check=True, capture_output=True).stdout)
    if ours["communes"].keys() != theirs.keys():
        raise SystemExit("not the same communes")
    differences = [abs(ours["communes"][code] / sum - 1.0) for code, sum in theirs.items()]
    ours_s = ours["decode_s"] + ours["shares_s"] + ours["sums_s"]
    theirs_s = statistics.median(times)
    yield {
        "row": "people per commune, decoding included",
        "ours_s": round(ours_s, 5),
        "exactextract_s": round(theirs_s, 5),
        "ratio": round(theirs_s / ours_s, 1),
        "must": MUST,
        "aim": AIM,
        "with_sound_boundaries_ratio": round(theirs_s / (ours_s + ours["regions_s"]), 1),
        "next_layer_s": round(ours["sums_s"], 5),
        "largest_difference": max(differences),
        "total": ours["total"],
        "exactextract_total": float(sums["sum"].sum()),
        "ok": theirs_s / ours_s >= MUST and max(differences) <= AGREEMENT,
        "stages": {key: round(ours[key], 5) for key in ("decode_s", "regions_s", "shares_s", "sums_s")},
    }


def footprints(arguments, scratch):
    """Covered area per commune under messy footprints, and what one that moved costs."""
    communes = arguments.data / "communes.geojson"
    return geos.footprints(arguments.coverage, communes, arguments.footprints, arguments.moved, scratch)


def layers(arguments, scratch):
    """The full report of the 16 layers, from files."""
    return geos.layers_report(
        arguments.coverage,
        arguments.data / "communes.geojson",
        arguments.data / "coverage_synthetic.geojson",
        arguments.data / "villages_synthetic.csv",
        scratch,
    )


def points(arguments, scratch):
    """A million points to the communes of the country."""
    import sjoin

    return sjoin.rows(arguments.points, arguments.country, scratch, arguments.runs, POINTS_MUST, POINTS_AIM)


ROWS = {"population": population, "footprints": footprints, "layers": layers, "points": points}


def main():
    arguments = parse_arguments()
    is_ok = True
    with tempfile.TemporaryDirectory() as scratch:
        for name in arguments.rows:
            for row in ROWS[name](arguments, Path(scratch)):
                print(json.dumps(row), flush=True)
                is_ok &= row["ok"]
    sys.exit(0 if is_ok else 1)


if __name__ == "__main__":
    main()
