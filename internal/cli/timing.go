//go:build linux

package cli

import (
	"time"

	"github.com/spf13/pflag"

	"c1m/internal/workload"
)

// timingFlags declares the flags of a timing, which holds the defaults of the command.
func timingFlags(flags *pflag.FlagSet, side workload.Side, t *workload.Timing) {
	for _, f := range workload.TimingFlags(side) {
		help := func(none bool) string {
			text := f.Help
			if f.Value != "" {
				text = "`" + f.Value + "` " + text
			}
			if none && f.Found != "" {
				text += " (default: " + f.Found + ")"
			}
			return text
		}
		switch v := f.In(t).(type) {
		case *time.Duration:
			flags.DurationVarP(v, f.Name, f.Short, *v, help(*v == 0))
		case *uint64:
			flags.Uint64VarP(v, f.Name, f.Short, *v, help(*v == 0))
		}
	}
}

// checkTiming refuses impossible values of flags that were given or have a default.
func checkTiming(t workload.Timing, side workload.Side, given func(string) bool) error {
	for _, f := range workload.TimingFlags(side) {
		if f.Found != "" && !given(f.Name) {
			continue
		}
		if err := refused(f.Check(t)); err != nil {
			return err
		}
	}
	return nil
}
