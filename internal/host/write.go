//go:build linux

package host

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Write prints one line per finding, the fix under those that are not ok, and
// last what scripts/tune.sh would fix. A line and its need wrap at 80 columns.
func Write(w io.Writer, findings []Finding) error {
	const columns = 80
	var width int
	for _, f := range findings {
		width = max(width, utf8.RuneCountInString(f.Name))
	}
	out := bufio.NewWriter(w)
	var tune []string
	for _, f := range findings {
		word := "FAIL"
		switch {
		case f.OK:
			word = "ok"
		case f.Warning:
			word = "warn"
		}
		line := fmt.Sprintf("%-4s  %-*s  %s", word, width, f.Name, f.Seen)
		need := "needs " + f.Need
		if length := utf8.RuneCountInString(line + "; " + need); length <= columns {
			fmt.Fprintf(out, "%s; %s\n", line, need)
		} else {
			fmt.Fprintf(out, "%s\n%*s%s\n", line, 8+width, "", need)
		}
		if f.Fix != "" {
			fmt.Fprintf(out, "      fix: %s\n", f.Fix)
		}
		if f.Tune {
			tune = append(tune, f.Name)
		}
	}
	if len(tune) > 0 {
		fmt.Fprintf(out, "\n%s: scripts/tune.sh on, undone by off\n", strings.Join(tune, ", "))
	}
	return out.Flush()
}
