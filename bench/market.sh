#!/usr/bin/env bash
# What the market is worth: scenarios/market-10k.yaml with state errors and deaths turned up, beside the same
# mission without errors and, for deaths, beside the same deaths with perfect knowledge (--oracle).
#   bench/market.sh                  10,000 nodes for 45 days, seed 7
#   bench/market.sh 1000 30          quick: nodes and days
#   bench/market.sh 1000 30 "7 8 9"  several seeds, a line for each
# HANSE names another program than the repository's own. The columns 'of reference' are fill by mass and value, and surplus, over those of the reference:
# the exact row for errors, the same deaths with --oracle for deaths.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
hanse=${HANSE:-$root/hanse}
nodes=${1:-10000}
days=${2:-45}
seeds=${3:-7}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$hanse" version >"$work/version" # Builds first, if need be: then the rows can be played together.

scenario() { # The file of a name, with state errors of so many per cent and deaths of so many in 30 days.
    sed -e "s/^\( *sensorBiasPercent\): .*/\1: $2/" -e "s/^\( *buildSpreadPercent\): .*/\1: $2/" \
        -e "s/^\( *assayErrorPercent\): .*/\1: $2/" \
        -e "s/^\( *sensorNoisePercent\): .*/\1: $(awk "BEGIN { print $2 / 5 }")/" \
        -e "s/^\( *deathsPercentPer30Days\): .*/\1: $3/" \
        "$root/scenarios/market-10k.yaml" >"$work/$1.yaml"
}

play() { # Name, seed, further options.
    "$hanse" sim run "$work/$1.yaml" --seed "$2" --nodes "$nodes" --days "$days" -o json \
        --progress none "${@:4}" >"$work/$3.json"
}

field() { # The first number of a name in the file.
    grep -m1 "\"$2\":" "$work/$1.json" | sed 's/.*: *//; s/,$//'
}

row() { # Seed, label, file, file of the reference.
    awk -v seed="$1" -v label="$2" \
        -v mass="$(field "$3" filledByMass)" -v value="$(field "$3" filledByValue)" \
        -v surplus="$(field "$3" surplus)" -v losing="$(field "$3" losingShare)" \
        -v loss="$(field "$3" meanLossShare)" -v scarcity="$(field "$3" paidOverCost)" \
        -v claimed="$(field "$3" claimedOverCost)" -v wasted="$(field "$3" wasted)" \
        -v count="$(sed -n '/"orphans"/,$p' "$work/$3.json" | grep -m1 '"count":' | tr -dc 0-9)" \
        -v asked="$(field "$3" asked)" -v within="$(field "$3" askedWithinCycle)" \
        -v missed="$(field "$3" missed)" -v hours="$(field "$3" maxHours)" \
        -v massOf="$(field "$4" filledByMass)" -v valueOf="$(field "$4" filledByValue)" \
        -v surplusOf="$(field "$4" surplus)" 'BEGIN {
            printf "| %s | %s | %.1f / %.1f %% | %.1f | %.1f / %.1f %% | %.1f %% | ", seed, label,
                100 * mass, 100 * value, surplus, 100 * mass / massOf, 100 * value / valueOf,
                100 * surplus / surplusOf
            printf "%.1f %% | %.1f %% | %.2f | %.2f | %.1f | %d / %d of %d, %d missed | %.1f |\n",
                100 * losing, 100 * loss, scarcity, claimed, wasted, within, asked, count, missed, hours
        }'
}

for error in 0 5 10; do scenario "error$error" "$error" 0; done
for deaths in 5 10 20; do scenario "deaths$deaths" 5 "$deaths"; done

echo "$nodes nodes, $days days"
echo '| seed | row | fill by mass / value | surplus | of reference: fill | surplus | losing | mean loss | paid/cost | asked/cost | wasted | orphans: within a cycle / asked | slowest h |'
echo '|---|---|---|---|---|---|---|---|---|---|---|---|---|'
for seed in $seeds; do
    # Two at a time: a run keeps a core busy, and its trace's hash a third of another.
    { play error0 "$seed" error0 && play error5 "$seed" error5 && play error10 "$seed" error10 \
        && play deaths5 "$seed" oracle5 --oracle && play deaths10 "$seed" oracle10 --oracle; } &
    for deaths in 20 10 5; do play "deaths$deaths" "$seed" "deaths$deaths"; done
    play deaths20 "$seed" oracle20 --oracle
    wait $!
    row "$seed" exact error0 error0
    row "$seed" 'errors 5 %' error5 error0
    row "$seed" 'errors 10 %' error10 error0
    for deaths in 5 10 20; do
        row "$seed" "deaths $deaths %, oracle" "oracle$deaths" "oracle$deaths"
        row "$seed" "deaths $deaths %, errors 5 %" "deaths$deaths" "oracle$deaths"
    done
done
