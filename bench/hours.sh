#!/usr/bin/env bash
# What an hour of a node is worth, posted and not: scenarios/market-10k.yaml in one region, honest, and with over-claimers
# or a ring whose claims are too high, beside the same nodes with honest claims.
#   bench/hours.sh                    300 nodes, 30 days, seeds 7 8 9, claims of 130 %
#   bench/hours.sh 300 30 "7 8" 160
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

play() { # Field of conduct, its amount, claim, whether hours have a worth, seed.
    sed -e 's/^\( *count\): .*/\1: 1/' -e 's/^\( *depotNames\): .*/\1: [Alpha]/' \
        -e 's/^\( *anchors\): .*/\1: [Kalliope]/' -e "s/^\( *$1\): .*/\1: $2/" \
        -e "s/^\( *claimPercent\): .*/\1: $3/" -e "s/^\( *hourWorth\): .*/\1: $4/" \
        "$root/scenarios/market-10k.yaml" >"$work/hours.yaml"
    "$hanse" sim run "$work/hours.yaml" --seed "$5" --nodes "$nodes" --days "$days" -o json --progress none
}

first() { # File, field: the first of that name.
    grep -m1 "\"$2\":" "$1" | tr -dc '0-9.-'
}

profit() { # File, conduct.
    sed -n "/\"conduct\": \"$2\"/,\$p" "$1" | grep -m1 '"profit":' | tr -dc '0-9.-'
}

"$hanse" version >/dev/null # Builds first, if need be.
echo '| seed | hours | who | fill by mass / value, % | surplus | a liar, honest | lying | gain | surplus with the lie |'
echo '|---|---|---|---|---|---|---|---|---|'
for seed in $seeds; do
    for hours in 0 1; do
        while read -r key amount kind; do
            play "$key" "$amount" 100 "$hours" "$seed" >"$work/honest.json"
            play "$key" "$amount" "$claim" "$hours" "$seed" >"$work/lie.json"
            awk -v seed="$seed" -v hours="$hours" -v kind="$kind" \
                -v mass="$(first "$work/honest.json" filledByMass)" \
                -v value="$(first "$work/honest.json" filledByValue)" \
                -v surplus="$(first "$work/honest.json" surplus)" -v after="$(first "$work/lie.json" surplus)" \
                -v was="$(profit "$work/honest.json" "$kind")" -v is="$(profit "$work/lie.json" "$kind")" 'BEGIN {
                    printf "| %s | %s | %s | %.1f / %.1f | %.0f | %.3f | %.3f | %+.1f %% | %.0f |\n", seed,
                        hours ? "posted" : "not", kind, 100 * mass, 100 * value, surplus, was, is,
                        100 * (is - was) / was, after
                }'
        done <<'KINDS'
overClaimersPercent 5 OverClaimer
ringNodes 20 Ring
ringNodes 60 Ring
KINDS
    done
done
