//go:build linux

package cli

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"c1m/internal/format"
	"c1m/internal/suite"
)

// spentLines say how the time of a run was spent: two lines, for what lies between
// the windows is what one can shorten.
func spentLines(s suite.Spent) string {
	if s.Trials == 0 {
		return ""
	}
	between := s.All - s.Windows - s.Warmups
	text := fmt.Sprintf("%s in %s: windows %s, warm-ups %s, between them %s\n",
		format.Plural(s.Trials, "trial"), rounded(s.All), rounded(s.Windows), rounded(s.Warmups), rounded(between))
	phases := slices.SortedFunc(maps.Keys(s.Between), func(a, b suite.Phase) int {
		return cmp.Or(cmp.Compare(s.Between[b], s.Between[a]), cmp.Compare(a, b))
	})
	var parts []string
	for _, p := range phases {
		if d := s.Between[p]; d >= time.Second/10 && d*50 >= between { // less is of no interest
			name := string(p)
			if p == suite.Done {
				name = "the rest"
			}
			parts = append(parts, name+" "+rounded(d))
		}
	}
	if len(parts) > 0 {
		text += "between: " + strings.Join(parts, ", ") + "\n"
	}
	return text
}

// rounded writes a time in seconds and minutes.
func rounded(d time.Duration) string {
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}
