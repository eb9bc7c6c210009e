//go:build linux

package cli

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"c1m/internal/workload"
)

// workloadFlags are the workload flags of one command.
type workloadFlags struct{ given workload.Given }

// set sets the values of a flag, as a command line does.
func (f *workloadFlags) set(name string, values ...string) {
	if f.given == nil {
		f.given = make(workload.Given)
	}
	f.given[name] = values
}

// register declares flags. With lists, a flag has several values, each of which is measured.
func (f *workloadFlags) register(flags *pflag.FlagSet, list []workload.Flag, lists bool) {
	if f.given == nil {
		f.given = make(workload.Given)
	}
	for _, one := range list {
		name := one.Name
		if lists {
			name = one.InLists()
		}
		flag := flags.VarPF(&workloadValue{one, f.given, lists && !one.Single && !one.Switch()}, name, "", one.Help)
		if flag.DefValue == "" {
			flag.DefValue = one.Default
		}
		if one.Switch() {
			flag.NoOptDefVal = "true"
		}
		annotate(flag, inGroup, cmp.Or(one.Group, groupLoad))
		annotate(flag, choices, one.Choices...)
	}
}

// workloadValue is a pflag.Value of one flag.
type workloadValue struct {
	flag  workload.Flag
	given workload.Given
	list  bool
}

func (v *workloadValue) String() string {
	if v.given == nil { // pflag calls it for a zero value
		return ""
	}
	return strings.Join(v.given[v.flag.Name], ",")
}

func (v *workloadValue) Type() string {
	if v.flag.Switch() {
		return "bool"
	}
	return v.flag.Value
}

func (v *workloadValue) Set(s string) error {
	words := []string{s}
	if v.list {
		words = strings.Split(s, ",")
		for i, word := range words {
			words[i] = strings.TrimSpace(word)
		}
	}
	for _, word := range words {
		if err := v.flag.Check(word); err != nil && len(words) > 1 {
			return fmt.Errorf("%s: %w", word, err)
		} else if err != nil {
			return err
		}
	}
	if v.flag.All {
		words = append(v.given[v.flag.Name], words...)
	}
	v.given[v.flag.Name] = words
	return nil
}

// runUsage converts an error of a workload for a command whose flags take lists.
func runUsage(err error) error {
	if err == nil {
		return nil
	}
	return usagef("%w", workload.InLists(err))
}
