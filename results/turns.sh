# shellcheck shell=bash
# Functions of pairs.sh and connect.sh, which measure our programs and those in C in turns.
# They call go CASE and c CASE, which print a rate.
shopt -s inherit_errexit # a failed measurement ends the script

# turn ROUND CASE measures both, one after the other, and prints OURS,THEIRS. The order
# changes from round to round.
turn() {
	local ours theirs
	if (($1 % 2)); then
		ours=$(go "$2")
		theirs=$(c "$2")
	else
		theirs=$(c "$2")
		ours=$(go "$2")
	fi
	echo "$ours,$theirs"
}

# ratios FILE CASE NAME prints the median of the ratios of a case, and their range. Lines of
# FILE begin with the case and end in OURS,THEIRS.
ratios() {
	awk -F, -v first="$2" '$1 == first { print $(NF - 1) / $NF }' "$1" | sort -n |
		awk -v name="$3" '{ r[NR] = $1 } END { printf "%s: %.2f of C (%.2f to %.2f)\n", name, (r[int((NR + 1) / 2)] + r[int(NR / 2) + 1]) / 2, r[1], r[NR] }'
}
