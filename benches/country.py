#!/usr/bin/env python3
"""A stand-in for all communes of the country: 27 copies of a province side by side, 3,321 communes.

    python3 benches/country.py --communes FILE --out FILE

Copies lie three degrees apart, each with codes of its own. They describe no real commune.
"""

import argparse
import json
from pathlib import Path

COMMUNES, COPIES_IN_A_ROW = 3321, 6
APART_DEGREES, WEST, SOUTH = 3, -8, -12
# A centimetre: more decimals than the outlines have, so that copies share their borders as the original does.
DECIMALS = 7


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--communes", type=Path, required=True, help="GeoJSON with the communes of a province")
    parser.add_argument("--out", type=Path, required=True, help="GeoJSON to write")
    return parser.parse_args()


def moved(geometry, east, north):
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    point = lambda x, y: [round(x + east, DECIMALS), round(y + north, DECIMALS)]
    rings = [[[point(*position) for position in ring] for ring in polygon] for polygon in polygons]
    return {"type": "MultiPolygon", "coordinates": rings}


def main():
    arguments = parse_arguments()
    province = [feature["geometry"] for feature in json.loads(arguments.communes.read_text())["features"]]
    features = []
    for number in range(COMMUNES):
        copy, unit = divmod(number, len(province))
        row, column = divmod(copy, COPIES_IN_A_ROW)
        geometry = moved(province[unit], WEST + APART_DEGREES * column, SOUTH + APART_DEGREES * row)
        feature = {"type": "Feature", "properties": {"code": f"{number + 1:05}"}, "geometry": geometry}
        features.append(json.dumps(feature, separators=(",", ":")))
    arguments.out.write_text('{"type":"FeatureCollection","features":[\n' + ",\n".join(features) + "\n]}\n")


if __name__ == "__main__":
    main()
