#!/usr/bin/env bash
# Rings in a fleet of one region: scenarios/market-10k.yaml with the first 20 or 60 nodes asking too much, beside the same
# fleet, honest; and whom `hanse bids screen` flags.
#   bench/rings.sh                    300 nodes, 30 days, seeds 7 8 9, claims of 130 %
#   bench/rings.sh 300 30 "7 8" 160
# HANSE names another program than the repository's own.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
hanse=${HANSE:-$root/hanse}
nodes=${1:-300}
days=${2:-30}
seeds=${3:-7 8 9}
claim=${4:-130}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

play() { # Ring, claim, seed.
    sed -e 's/^\( *count\): .*/\1: 1/' -e 's/^\( *depotNames\): .*/\1: [Alpha]/' \
        -e 's/^\( *anchors\): .*/\1: [Kalliope]/' -e "s/^\( *ringNodes\): .*/\1: $1/" \
        -e "s/^\( *claimPercent\): .*/\1: $2/" "$root/scenarios/market-10k.yaml" >"$work/ring.yaml"
    "$hanse" sim run "$work/ring.yaml" --seed "$3" --nodes "$nodes" --days "$days" -o json --progress none \
        --facts "$work/facts" >"$work/run-$2.json"
}

profit() { # File, conduct.
    sed -n "/\"conduct\": \"$2\"/,\$p" "$1" | grep -m1 '"profit":' | sed 's/.*: *//; s/,$//'
}

"$hanse" version >/dev/null # Builds first, if need be.
echo '| ring | seed | profit a member, honest | with the lie | gain | of others, honest | with the lie | members flagged | others flagged |'
echo '|---|---|---|---|---|---|---|---|---|'
for ring in 20 60; do
    for seed in $seeds; do
        play "$ring" 100 "$seed"
        play "$ring" "$claim" "$seed"
        "$hanse" bids screen "$work/facts" -o json >"$work/screen.json"
        flagged=$(sed -n '/"nodes": \[/,/\]/p' "$work/screen.json" | tr -dc '0-9\n' | sed '/^$/d' | sort -un)
        members=$(awk -v ring="$ring" '$1 <= ring' <<<"$flagged" | wc -l)
        others=$(awk -v ring="$ring" 'NF && $1 > ring' <<<"$flagged" | wc -l)
        awk -v ring="$ring" -v seed="$seed" -v members="$members" -v others="$others" \
            -v was="$(profit "$work/run-100.json" Ring)" -v is="$(profit "$work/run-$claim.json" Ring)" \
            -v before="$(profit "$work/run-100.json" Honest)" -v after="$(profit "$work/run-$claim.json" Honest)" \
            'BEGIN {
                printf "| %s | %s | %.3f | %.3f | %+.1f %% | %.3f | %.3f | %d | %d |\n", ring, seed, was, is,
                    100 * (is - was) / was, before, after, members, others
            }'
    done
done
