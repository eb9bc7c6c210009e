#!/usr/bin/env bash
# Extracts from a run file what the statistics of docs/statistics.md need, as
# CSV: a line for each trial, in order of time. Needs jq.
#   traces.sh BENCH FILE
set -euo pipefail
echo round,ms,row,ops_per_s,p50_us,p99_us,bytes_per_conn
jq -rn --slurpfile run "$2" --slurpfile table <("$1" report -format json "$2" || [ $? -eq 1 ]) '
	def since($start): # milliseconds; strptime knows no fractions of a second
		def seconds: (.[:19] + "Z" | fromdate) + (.[19:-1] | if . == "" then 0 else tonumber end);
		(seconds - ($start | seconds)) * 1000 | round;
	($table[0].rows | map({key: .cell.row, value: (.samples | INDEX(.round))}) | from_entries) as $samples
	| $run[0] as $header
	| $run[1:][] | select(.load)
	| $header.cells[.cell].row as $row
	| $samples[$row][.round | tostring] as $s | select($s)
	| [.round, (.started | since($header.started)), $row, $s.ops_per_s,
	   ($s.p50_ns, $s.p99_ns | if . then . / 1000 | round else null end), ($s.user_bytes_per_conn | if . then . * 10 | round / 10 else null end)]
	| join(",")' | sort -t, -k2,2n
