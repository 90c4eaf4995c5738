#!/usr/bin/env bash
# What posted prices of berths are worth: scenarios/market-10k.yaml with a berth for a hundred nodes, without prices and
# with them, at two values of an hour.
#   bench/berths.sh                    1,000 nodes, 20 days, seeds 7 8 9
#   bench/berths.sh 1000 20 "7 8"
# HANSE names another program than the repository's own.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
hanse=${HANSE:-$root/hanse}
nodes=${1:-1000}
days=${2:-20}
seeds=${3:-7 8 9}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

field() { # File, name: the first.
    grep -m1 "\"$2\":" "$1" | sed 's/.*: *//; s/,$//'
}

"$hanse" version >/dev/null # Builds first, if need be.
echo "| an hour, credits | seed | prices | mean wait, h | 99 %, h | ran out | fill by value, % | surplus | profit | tolls | losing, % |"
echo '|---|---|---|---|---|---|---|---|---|---|---|'
for hour in 0.002 0.01; do
    for seed in $seeds; do
        for prices in 0 1; do
            file="$work/$hour-$seed-$prices.json"
            sed -e "s/^\( *berthsPerHundredNodes\): .*/\1: 1/" -e "s/^\( *berthPrices\): .*/\1: $prices/" \
                -e "s/^\( *hourCredits\): .*/\1: $hour/" \
                "$root/scenarios/market-10k.yaml" >"$work/berths.yaml"
            "$hanse" sim run "$work/berths.yaml" --seed "$seed" --nodes "$nodes" --days "$days" -o json \
                --progress none >"$file"
            sed -n '/"berths": {/,/}/p' "$file" >"$work/waits"
            awk -v hour="$hour" -v seed="$seed" -v prices="$prices" \
                -v mean="$(field "$work/waits" meanHours)" -v p99="$(field "$work/waits" p99Hours)" \
                -v out="$(field "$file" expired)" -v fill="$(field "$file" filledByValue)" \
                -v surplus="$(field "$file" surplus)" -v profit="$(field "$file" profit)" \
                -v tolls="$(field "$file" tolls)" -v losing="$(field "$file" losingShare)" 'BEGIN {
                    printf "| %s | %s | %s | %.1f | %.1f | %d | %.1f | %.0f | %.0f | %.0f | %.1f |\n", hour, seed,
                        prices ? "posted" : "none", mean, p99, out, 100 * fill, surplus, profit, tolls,
                        100 * losing
                }'
        done
    done
done
