#!/usr/bin/env bash
# False names in a fleet of one region: scenarios/market-10k.yaml with one name that has no machine to ten that have. Such a
# name bids like an honest node, holds what it wins until the lease is over, and never comes (a no-show). Beside it the same
# demand and as many machines without names. 5 % state error.
#   bench/names.sh                    300 machines, 30 days, seeds 7 8 9, bonds of 0 and 30 %
#   bench/names.sh 300 30 "7 8" "0 10"
# HANSE names another program than the repository's own.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
hanse=${HANSE:-$root/hanse}
machines=${1:-300}
days=${2:-30}
seeds=${3:-7 8 9}
bonds=${4:-0 30}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

play() { # Names in percent of all nodes, nodes, bond, seed.
    local tonnes
    tonnes=$(sed -n 's/^ *tonnesPerNodeDay: *\([0-9.]*\).*/\1/p' "$root/scenarios/market-10k.yaml")
    tonnes=$(awk -v t="$tonnes" -v m="$machines" -v n="$2" 'BEGIN { printf "%.6f", t * m / n }')
    sed -e 's/^\( *count\): .*/\1: 1/' -e 's/^\( *depotNames\): .*/\1: [Alpha]/' \
        -e 's/^\( *anchors\): .*/\1: [Kalliope]/' -e "s/^\( *noShowsPercent\): .*/\1: $1/" \
        -e "s/^\( *bondPercent\): .*/\1: $3/" -e "s/^\( *tonnesPerNodeDay\): .*/\1: $tonnes/" \
        "$root/scenarios/market-10k.yaml" >"$work/names.yaml"
    "$hanse" sim run "$work/names.yaml" --seed "$4" --nodes "$2" --days "$days" -o json --progress none >"$work/run.json"
}

field() { # Name, after which line.
    sed -n "/$2/,\$p" "$work/run.json" | grep -m1 "\"$1\":" | sed 's/.*: *//; s/,$//'
}

"$hanse" version >/dev/null # Builds first, if need be.
echo '| bond | seed | profit a machine | with names | change | fill by value | with names | surplus | with names |'
echo '|---|---|---|---|---|---|---|---|---|'
for bond in $bonds; do
    for seed in $seeds; do
        # Nobody is anything but honest: the mean is all profit over all machines.
        play 0 "$machines" "$bond" "$seed"
        was=$(awk -v p="$(field profit '"economy"')" -v m="$machines" 'BEGIN { print p / m }')
        fill=$(field filledByValue '"economy"') surplus=$(field surplus '"economy"')
        play 9.0909 $((machines * 11 / 10)) "$bond" "$seed"
        awk -v bond="$bond" -v seed="$seed" -v was="$was" -v is="$(field profit '"conduct": "Honest"')" \
            -v fill="$fill" -v filled="$(field filledByValue '"economy"')" \
            -v surplus="$surplus" -v left="$(field surplus '"economy"')" 'BEGIN {
                printf "| %s %% | %s | %.3f | %.3f | %+.1f %% | %.1f %% | %.1f %% | %.0f | %.0f |\n", bond, seed, was, is,
                    100 * (is - was) / was, 100 * fill, 100 * filled, surplus, left
            }'
    done
done
