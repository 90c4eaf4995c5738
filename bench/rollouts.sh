#!/usr/bin/env bash
# Releases of a skill in a fleet of four classes and four hardware generations that calls once a month and goes on growing:
# scenarios/rollout.yaml with releases that are good, that trap or use up their fuel on one class or one generation for some
# of the questions, that answer wrong, that nobody signed, in each lane, by classes and by strains, with an authority that is
# shorter than the silence, and the image for each generation that rollouts replace.
#   bench/rollouts.sh                    5,000 machines, 150 days, seed 1
#   bench/rollouts.sh 5000 150 "1 2 3"
# HANSE names another program than the repository's own, HANSE_CASES some of the cases (an extended regular expression).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
hanse=${HANSE:-$root/hanse}
machines=${1:-5000}
days=${2:-150}
seeds=${3:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Name, lane, by what it goes on, fault, class and generation (0 for all), percent of the questions, fuel in percent of what
# the first generation may use (0 for too much), days of authority, divergence allowed in percent.
cases='good|standard|class|none|0|0|0|0|70|5
good|standard|strain|none|0|0|0|0|70|5
traps on class 3|standard|class|crash|3|0|3|0|70|5
traps on class 3|standard|strain|crash|3|0|3|0|70|5
traps on class 3, rarely|standard|class|crash|3|0|0.3|0|70|5
traps on generation 3|standard|class|crash|0|3|3|0|70|5
traps on generation 3|standard|strain|crash|0|3|3|0|70|5
traps on generation 3, rarely|standard|strain|crash|0|3|0.3|0|70|5
out of fuel on old compute|standard|class|slow|0|0|3|200|70|5
out of fuel on old compute|standard|strain|slow|0|0|3|200|70|5
wrong on class 3|standard|class|wrong|3|0|3|0|70|5
wrong and allowed to differ|standard|class|wrong|3|0|100|0|70|50
not signed|standard|class|unsigned|0|0|100|0|70|5
authority of 20 days|standard|class|none|0|0|0|0|20|5
good, expedited|expedited|class|none|0|0|0|0|70|5
traps on class 3, expedited|expedited|class|crash|3|0|3|0|70|5
good, image by image|monolithic|generation|none|0|0|0|0|70|5
traps on class 3, image by image|monolithic|generation|crash|3|0|3|0|70|5
traps on generation 3, image by image|monolithic|generation|crash|0|3|3|0|70|5
out of fuel on old compute, image by image|monolithic|generation|slow|0|0|3|200|70|5'

[[ -n ${HANSE_CASES:-} ]] && cases=$(grep -E "$HANSE_CASES" <<<"$cases")

"$hanse" version >/dev/null # Builds first, if need be.
if [[ -z ${HANSE_CASES:-} ]]; then
    echo '| release | by | seed | decided on | of the fleet | of those it breaks | stopped | let go | never took it | back after its first fault | wrong decisions | 99 % after |'
    echo '|---|---|---|---|---|---|---|---|---|---|---|---|'
fi
while IFS='|' read -r name lane groups fault class generation percent fuel authority divergence; do
    for seed in $seeds; do
        sed -e "s/^\( *lane\): .*/\1: $lane/" -e "s/^\( *groups\): .*/\1: $groups/" -e "s/^\( *fault\): .*/\1: $fault/" \
            -e "s/^\( *faultClass\): .*/\1: $class/" -e "s/^\( *faultGeneration\): .*/\1: $generation/" \
            -e "s/^\( *fuelPercent\): .*/\1: $fuel/" -e "s/^\( *faultPercent\): .*/\1: $percent/" \
            -e "s/^\( *authorityDays\): .*/\1: $authority/" -e "s/^\( *divergencePercent\): .*/\1: $divergence/" \
            "$root/scenarios/rollout.yaml" >"$work/rollout.yaml"
        "$hanse" sim run "$work/rollout.yaml" --seed "$seed" --nodes "$machines" --days "$days" -o json --progress none \
            >"$work/run.json"
        sed -n '/"rollouts"/,$p' "$work/run.json" | tr -d ' ,"' | awk -F: -v name="$name" -v by="$groups" -v seed="$seed" '
            $1 == "classes" { within = 1 }
            NF == 2 && !within { value[$1] = $2 }
            NF == 2 && within { group[$1] = $2 }
            within && $1 == "stage" { groups++ }
            within && $1 == "stage" && group["state"] == "Stopped" { stopped++; if ($2 > stage) stage = $2 }
            $0 == "]" && within { within = 0; next }
            $0 == "]" { print_row(); exit }
            function print_row() {
                printf "| %s | %s | %s | %d | %.2f %% | %d | %s | %d (%d lapsed) | %d | %s h | %d | %s |\n", name, by, seed,
                    value["exposed"], 100 * value["exposed"] / value["fleet"], value["exposedToFault"],
                    stopped ? stopped " of " groups ", stage " stage : "none", value["rolledBack"], value["lapsed"],
                    value["refused"], value["hoursBackMax"], value["wrongDecisions"],
                    value["daysTo99"] == "null" ? "never" : value["daysTo99"] " days"
            }'
    done
done <<<"$cases"
