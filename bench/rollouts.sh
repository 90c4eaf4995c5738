#!/usr/bin/env bash
# Releases of a skill in a fleet that calls once a month: scenarios/rollout.yaml with releases that are good, that trap or use
# up their fuel on one class of machines for some of the questions, that answer wrong, that nobody signed, in each lane, and
# with an authority that is shorter than the silence.
#   bench/rollouts.sh                    5,000 machines, 150 days, seed 1
#   bench/rollouts.sh 5000 150 "1 2 3"
# HANSE names another program than the repository's own.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
hanse=${HANSE:-$root/hanse}
machines=${1:-5000}
days=${2:-150}
seeds=${3:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Name, lane, fault, class (0 for all), percent of the questions, days of authority, divergence allowed in percent.
cases='good|standard|none|0|0|70|5
traps on class 3|standard|crash|3|3|70|5
traps on class 3, rarely|standard|crash|3|0.3|70|5
out of fuel on class 3|standard|slow|3|3|70|5
wrong on class 3|standard|wrong|3|3|70|5
wrong and allowed to differ|standard|wrong|3|100|70|50
not signed|standard|unsigned|0|100|70|5
authority of 20 days|standard|none|0|0|20|5
good, expedited|expedited|none|0|0|70|5
traps, expedited|expedited|crash|3|3|70|5
good, image by image|monolithic|none|0|0|70|5
traps, image by image|monolithic|crash|3|3|70|5'

"$hanse" version >/dev/null # Builds first, if need be.
echo '| release | seed | decided on | of the fleet | class 3 | let go | never took it | back after its first fault | wrong decisions | 99 % after |'
echo '|---|---|---|---|---|---|---|---|---|---|'
while IFS='|' read -r name lane fault class percent authority divergence; do
    for seed in $seeds; do
        sed -e "s/^\( *lane\): .*/\1: $lane/" -e "s/^\( *fault\): .*/\1: $fault/" -e "s/^\( *faultClass\): .*/\1: $class/" \
            -e "s/^\( *faultPercent\): .*/\1: $percent/" -e "s/^\( *authorityDays\): .*/\1: $authority/" \
            -e "s/^\( *divergencePercent\): .*/\1: $divergence/" "$root/scenarios/rollout.yaml" >"$work/rollout.yaml"
        "$hanse" sim run "$work/rollout.yaml" --seed "$seed" --nodes "$machines" --days "$days" -o json --progress none \
            >"$work/run.json"
        sed -n '/"rollouts"/,$p' "$work/run.json" | tr -d ' ,"' | awk -F: -v name="$name" -v seed="$seed" '
            !seen && NF == 2 { value[$1] = $2 }
            $1 == "classes" { seen = 1 }
            seen && NF == 2 { class[$1] = $2 }
            seen && /^}/ { if (class["class"] == 3) { print_row(); exit } }
            function print_row() {
                printf "| %s | %s | %d | %.2f %% | %s, stage %d, %d | %d (%d lapsed) | %d | %s h | %d | %s |\n", name, seed,
                    value["exposed"], 100 * value["exposed"] / value["fleet"], class["state"], class["stage"],
                    class["exposed"], value["rolledBack"], value["lapsed"], value["refused"], value["hoursBackMax"],
                    value["wrongDecisions"], value["daysTo99"] == "null" ? "never" : value["daysTo99"] " days"
            }'
    done
done <<<"$cases"
