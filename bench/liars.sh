#!/usr/bin/env bash
# What lying brings in a fleet: scenarios/market-10k.yaml with over-claimers, under-claimers, no-shows and a ring, beside
# the same fleet, the same nodes by name, whose claims are honest (claimPercent 100). 5 % state error.
#   bench/liars.sh                    1,000 nodes, 30 days, seeds 7 8 9, claims of 130 %
#   bench/liars.sh 1000 30 "7 8" 160
# HANSE names another program than the repository's own.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
hanse=${HANSE:-$root/hanse}
nodes=${1:-1000}
days=${2:-30}
seeds=${3:-7 8 9}
claim=${4:-130}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

play() { # Kind, share or number, claim, seed.
    sed -e "s/^\( *$1\): .*/\1: $2/" -e "s/^\( *claimPercent\): .*/\1: $3/" \
        "$root/scenarios/market-10k.yaml" >"$work/$1.yaml"
    "$hanse" sim run "$work/$1.yaml" --seed "$4" --nodes "$nodes" --days "$days" -o json \
        --progress none >"$work/$1-$3-$4.json"
}

field() { # File, kind, field of the kind: the first after its name.
    sed -n "/\"conduct\": \"$2\"/,\$p" "$1" | grep -m1 "\"$3\":" | sed 's/.*: *//; s/,$//'
}

"$hanse" version >/dev/null # Builds first, if need be.
echo "| seed | who | claims | profit a node, honest | with the lie | gain | at a loss, honest | with the lie | surplus of the fleet, of honest |"
echo '|---|---|---|---|---|---|---|---|---|'
for seed in $seeds; do
    while read -r key amount kind; do
        play "$key" "$amount" 100 "$seed"
        play "$key" "$amount" "$claim" "$seed"
        honest="$work/$key-100-$seed.json"
        lie="$work/$key-$claim-$seed.json"
        awk -v seed="$seed" -v kind="$kind" -v claim="$claim" \
            -v was="$(field "$honest" "$kind" profit)" -v is="$(field "$lie" "$kind" profit)" \
            -v lost="$(field "$honest" "$kind" losingShare)" -v loses="$(field "$lie" "$kind" losingShare)" \
            -v before="$(grep -m1 '"surplus":' "$honest" | tr -dc 0-9.)" \
            -v after="$(grep -m1 '"surplus":' "$lie" | tr -dc 0-9.)" 'BEGIN {
                printf "| %s | %s | %s %% | %.3f | %.3f | %+.1f %% | %.1f %% | %.1f %% | %.1f %% |\n", seed, kind,
                    claim, was, is, 100 * (is - was) / was, 100 * lost, 100 * loses, 100 * after / before
            }'
    done <<'KINDS'
overClaimersPercent 5 OverClaimer
underClaimersPercent 5 UnderClaimer
ringNodes 20 Ring
ringNodes 60 Ring
noShowsPercent 5 NoShow
KINDS
done
