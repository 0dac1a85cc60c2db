#!/usr/bin/env python3
"""The geodata engines beside their peers, on the same files and in one run.

    cargo build --release -p phusong-geodata --example zonal
    python3 -m venv VENV && VENV/bin/pip install exactextract geopandas rasterio
    VENV/bin/python benches/peers.py --data FOLDER

FOLDER holds communes.geojson and population_synthetic_3s.tif. Each row is the median of several runs, in processor
seconds; prints one line of JSON for each row. Exit code 1: a sum differs by more than 1e-9, or a goal is missed.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Goals of the rows: how many times faster than the peer, and largest relative difference.
MUST, AIM, AGREEMENT = 5.0, 20.0, 1e-9


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the province's files")
    parser.add_argument("--runs", type=int, default=5, help="runs of each side (5)")
    parser.add_argument("--zonal", type=Path, default=ROOT / "target/release/examples/zonal", help="our program")
    return parser.parse_args()


def population(arguments):
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
    return {
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


def main():
    arguments = parse_arguments()
    rows = [population(arguments)]
    for row in rows:
        print(json.dumps(row))
    sys.exit(0 if all(row["ok"] for row in rows) else 1)


if __name__ == "__main__":
    main()
