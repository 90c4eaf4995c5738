#!/usr/bin/env bash
# What posted prices of faces are worth: scenarios/market-10k.yaml with few faces at each site, without prices and with
# them, at two degrees of scarcity.
#   bench/faces.sh                     500 nodes, 20 days, seeds 7 8 9, 2 and 4 faces a site
#   bench/faces.sh 500 20 "7 8" "3"
# HANSE names another program than the repository's own.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
hanse=${HANSE:-$root/hanse}
nodes=${1:-500}
days=${2:-20}
seeds=${3:-7 8 9}
faces=${4:-2 4}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

field() { # File, name: the first.
    grep -m1 "\"$2\":" "$1" | sed 's/.*: *//; s/,$//'
}

$hanse version >/dev/null # Builds first, if need be.
echo "| faces a site | seed | prices | mean wait, h | 99 %, h | ran out | given back | fill by value, % | surplus | profit | tolls | losing, % |"
echo '|---|---|---|---|---|---|---|---|---|---|---|---|'
for some in $faces; do
    for seed in $seeds; do
        for prices in 0 1; do
            file="$work/$some-$seed-$prices.json"
            sed -e "s/^\( *faces\): .*/\1: $some/" -e "s/^\( *facePrices\): .*/\1: $prices/" \
                "$root/scenarios/market-10k.yaml" >"$work/faces.yaml"
            $hanse sim run "$work/faces.yaml" --seed "$seed" --nodes "$nodes" --days "$days" -o json \
                --progress none >"$file"
            sed -n '/"faces": {/,/}/p' "$file" >"$work/waits"
            awk -v some="$some" -v seed="$seed" -v prices="$prices" \
                -v mean="$(field "$work/waits" meanHours)" -v p99="$(field "$work/waits" p99Hours)" \
                -v out="$(field "$file" expired)" -v back="$(field "$file" released)" \
                -v fill="$(field "$file" filledByValue)" \
                -v surplus="$(field "$file" surplus)" -v profit="$(field "$file" profit)" \
                -v tolls="$(field "$work/waits" tolls)" -v losing="$(field "$file" losingShare)" 'BEGIN {
                    printf "| %s | %s | %s | %.1f | %.1f | %d | %d | %.1f | %.0f | %.0f | %.1f | %.1f |\n", some,
                        seed, prices ? "posted" : "none", mean, p99, out, back, 100 * fill, surplus, profit,
                        tolls, 100 * losing
                }'
        done
    done
done
