//go:build linux

package cli

import (
	"github.com/spf13/pflag"

	"c1m/internal/metric"
	"c1m/internal/report"
)

// tableFlags are the flags of what a table shows, and how its rows are compared.
func tableFlags(flags *pflag.FlagSet, o *report.Options) {
	flags.BoolVar(&o.Wide, "wide", false, "every column")
	flags.BoolVar(&o.Notes, "notes", false, "every note in full, and how to read the columns")
	flags.StringVar(&o.Ref, "ref", "", "`ROW` of reference for the ratios (default: the first)")
	flags.StringVar(&o.By, "rank", "", "`METRIC` to rank rows by: "+orList(metric.Ranks())+" (default: what the load is for)")
	offer(flags, "rank", metric.Ranks()...)
}
