#!/usr/bin/env bash
# The fleet rows of docs/benchmarks.md: whole runs of the simulator, all checks and the trace hash on.
#   bench/fleet.sh            5,000 nodes for 60 days and 100,000 nodes for 10 days
#   bench/fleet.sh 500 45     one row: nodes and days
set -euo pipefail
hanse=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/hanse

field() { # The first number of a name in the JSON on standard input.
    grep -m1 "\"$1\":" | sed 's/.*: *"\{0,1\}\([^",]*\).*/\1/'
}

row() {
    local report
    report=$("$hanse" sim run scale --nodes "$1" --days "$2" -o json --progress none)
    printf '| %s | %s | %s | %.1f | %s | %.0f | %.0f | %.2f | %.2f | %.2f | %s |\n' \
        "$1" "$2" "$(field regions <<<"$report")" "$(field wallSeconds <<<"$report")" \
        "$(field events <<<"$report")" "$(field eventsPerSecond <<<"$report")" \
        "$(($(field peakMemoryBytes <<<"$report") / 1048576))" \
        "$(field bids <<<"$report")" "$(field deviations <<<"${report#*perNodeDay}")" \
        "$(field deliveries <<<"${report#*perNodeDay}")" "$(field traceSha256 <<<"$report" | cut -c1-16)"
}

echo '| nodes | days | regions | wall s | events | events/s | peak MiB | bids/node-day | deviations/node-day | deliveries/node-day | trace |'
echo '|---|---|---|---|---|---|---|---|---|---|---|'
if (($# == 2)); then
    row "$1" "$2"
else
    row 5000 60
    row 100000 10
fi
