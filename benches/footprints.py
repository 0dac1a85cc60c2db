#!/usr/bin/env python3
"""A layer of messy footprints, as radio planning tools export them: one for each site, with very many shadows.

    python3 -m venv VENV && VENV/bin/pip install numpy shapely
    VENV/bin/python benches/footprints.py --communes FILE --out FILE [--count N] [--move N]

Sites lie at random in the communes. A footprint is what 360 rays see of an invented terrain: a shell of 360 points,
and a hole for each stretch of every third ray that lies in shadow. 2,000 of them have about 780 points each and cover
the province twelvefold. The same arguments give the same bytes; --move N moves the Nth site by a kilometre, for what
one changed footprint costs. They describe no real mast and no real coverage.
"""

import argparse
import json
from pathlib import Path

import numpy
import shapely

SEED = 20250701
RAYS, STEPS = 360, 90
# Metres in a degree of latitude, and of longitude at the equator.
NORTH_M, EAST_M = 110_640.0, 111_320.0
# Radius of the earth as radio waves see it: four thirds.
EARTH_M = 8.5e6
# A mast and a hand above the ground.
MAST_M, HAND_M = 40.0, 9.5
# Area that the footprints cover, times over.
OVERLAP = 12.0
# Decimals of a degree in the file: a centimetre.
DECIMALS = 7


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--communes", type=Path, required=True, help="GeoJSON with the communes")
    parser.add_argument("--out", type=Path, required=True, help="GeoJSON to write")
    parser.add_argument("--count", type=int, default=2000, help="footprints (2000)")
    parser.add_argument("--overlap", type=float, default=OVERLAP, help="how many times the area is covered (12)")
    parser.add_argument("--move", type=int, help="the footprint that moves by a kilometre")
    return parser.parse_args()


def terrain(generator):
    """Height in metres at places in degrees: octaves of noise, the finest 350 m wide."""
    octaves = []
    for octave in range(8):
        size = 1 << min(4 + octave, 10)
        octaves.append((generator.random((size, size)), 900.0 / 1.6**octave, 0.4 / (1 << octave)))

    def height(lon, lat):
        total = numpy.zeros_like(lon)
        for grid, metres, cell in octaves:
            x, y = lon / cell, lat / cell
            column, row = numpy.floor(x).astype(int), numpy.floor(y).astype(int)
            dx, dy = x - column, y - row
            at = lambda i, j: grid[(row + j) % len(grid), (column + i) % len(grid)]
            low = at(0, 0) * (1 - dx) + at(1, 0) * dx
            high = at(0, 1) * (1 - dx) + at(1, 1) * dx
            total += metres * (low * (1 - dy) + high * dy)
        return total

    return height


def footprint(lon, lat, reach, height):
    """What rays from a mast see within a reach in metres."""
    angles = numpy.deg2rad(numpy.arange(RAYS) + 0.5)
    step = numpy.arange(1, STEPS + 1) * (reach / STEPS)
    east = EAST_M * numpy.cos(numpy.deg2rad(lat))
    ground = height(
        lon + step[None, :] * numpy.sin(angles)[:, None] / east,
        lat + step[None, :] * numpy.cos(angles)[:, None] / NORTH_M,
    )
    ground -= step[None, :] ** 2 / (2 * EARTH_M)
    top = float(height(numpy.array([lon]), numpy.array([lat]))[0]) + MAST_M
    horizon = numpy.maximum.accumulate((ground - top) / step, 1)
    before = numpy.concatenate([numpy.full((RAYS, 1), -9.0), horizon[:, :-1]], 1)
    seen = (ground + HAND_M - top) / step >= before
    last = numpy.where(seen.any(1), STEPS - 1 - numpy.argmax(seen[:, ::-1], 1), 0)
    radius = numpy.maximum(step[last], 60.0)

    def place(distance, angle):
        return [lon + distance * numpy.sin(angle) / east, lat + distance * numpy.cos(angle) / NORTH_M]

    shell = [place(radius[k], angles[k]) for k in range(RAYS)]
    holes = []
    half = numpy.deg2rad(0.45)
    for k in range(0, RAYS, 3):
        dark = ~seen[k]
        dark[:4] = False
        dark[last[k] :] = False
        edges = numpy.flatnonzero(numpy.diff(numpy.r_[0, dark.astype(numpy.int8), 0]))
        beside = 0.95 * min(radius[(k - 1) % RAYS], radius[(k + 1) % RAYS])
        for start, end in zip(edges[::2], edges[1::2]):
            if end - start >= 2 and step[end - 1] < beside:
                near, far = step[start], step[end - 1]
                corners = ((near, -half), (far, -half), (far, half), (near, half))
                holes.append([place(distance, angles[k] + turn) for distance, turn in corners])
    return shapely.Polygon(shell, holes)


def sites(communes, count, generator):
    """Places in the communes, in an order of chance."""
    land = shapely.union_all(communes)
    west, south, east, north = land.bounds
    shapely.prepare(land)
    places = []
    while len(places) < count:
        tried = generator.random((count, 2)) * [east - west, north - south] + [west, south]
        places.extend(tried[shapely.contains_xy(land, tried[:, 0], tried[:, 1])])
    middle = numpy.deg2rad((south + north) / 2)
    return numpy.array(places[:count]), land.area * EAST_M * numpy.cos(middle) * NORTH_M


def main():
    arguments = parse_arguments()
    generator = numpy.random.default_rng(SEED)
    features = json.loads(arguments.communes.read_text())["features"]
    communes = shapely.make_valid(shapely.from_geojson([json.dumps(feature["geometry"]) for feature in features]))
    height = terrain(generator)
    places, area_m2 = sites(communes, arguments.count, generator)
    # What a circle of this radius would cover; terrain takes two fifths of it away.
    mean = numpy.sqrt(arguments.overlap * area_m2 / arguments.count / numpy.pi / 0.6)
    reaches = mean * (0.7 + 0.6 * generator.random(arguments.count))
    if arguments.move is not None:
        places[arguments.move] += [1000.0 / EAST_M, 0.0]
    made = [footprint(lon, lat, reach, height) for (lon, lat), reach in zip(places, reaches)]
    made = shapely.make_valid(shapely.transform(made, lambda points: points.round(DECIMALS)))
    holes, points = shapely.get_num_interior_rings(made).sum(), shapely.get_num_coordinates(made).sum()
    with arguments.out.open("w") as out:
        out.write('{"type":"FeatureCollection","features":[\n')
        for index, geometry in enumerate(made):
            if geometry.geom_type == "GeometryCollection":
                geometry = shapely.multipolygons([p for p in geometry.geoms if p.geom_type == "Polygon"])
            properties = json.dumps({"operator": "example", "technology": "4G", "example": True, "site": index})
            feature = f'{{"type":"Feature","properties":{properties},"geometry":{shapely.to_geojson(geometry)}}}'
            out.write(feature + (",\n" if index + 1 < len(made) else "\n"))
        out.write("]}\n")
    overlap = shapely.area(made).sum() / shapely.union_all(communes).area
    print(json.dumps({
        "footprints": len(made), "points": int(points), "holes": int(holes), "overlap": round(float(overlap), 2),
    }))


if __name__ == "__main__":
    main()
