#!/usr/bin/env bash
# The geodata engines beside shapely (GEOS) and exactextract, in one run. The folder gets a Python environment with the
# peers and the layer of footprints, which stay for the next run. Prints JSON lines; exit code 1: a goal is missed.
set -u -o pipefail
cd "$(dirname "$0")/.." || exit 2

folder=${1:?"usage: benches/geodata.sh FOLDER DATA [population] [footprints] [layers] [points]"}
data=${2:?"usage: benches/geodata.sh FOLDER DATA, which holds communes.geojson and the layers"}
shift 2
mkdir -p "$folder" || exit 2
folder=$(cd "$folder" && pwd)
cargo build --release --locked --quiet -p phusong-geodata --examples || exit 2
python=$folder/venv/bin/python
if [ ! -x "$python" ]; then
    python3 -m venv "$folder/venv" || exit 2
    "$folder/venv/bin/pip" install --quiet exactextract==0.3.0 geopandas==1.2.0 numpy rasterio==1.4.4 shapely==2.2.0 || exit 2
fi
# A minute of processor time each.
layer=$folder/footprints.geojson moved=$folder/footprints-moved.geojson
make_layer() {
    [ -s "$1" ] && return
    "$python" benches/footprints.py --communes "$data/communes.geojson" --out "$1.new" "${@:2}" >&2 || exit 2
    mv "$1.new" "$1"
}
make_layer "$layer"
make_layer "$moved" --move 700
country=$folder/country.geojson
if [ ! -s "$country" ]; then
    "$python" benches/country.py --communes "$data/communes.geojson" --out "$country.new" || exit 2
    mv "$country.new" "$country"
fi
printf '{"machine":"%s","load":"%s","rustc":"%s"}\n' \
    "$(nproc) x $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" "$(cut -d' ' -f1-3 /proc/loadavg)" "$(rustc --version)"
"$python" benches/peers.py --data "$data" --footprints "$layer" --moved "$moved" --country "$country" "$@"
code=$?
printf '{"load":"%s"}\n' "$(cut -d' ' -f1-3 /proc/loadavg)"
exit $code
