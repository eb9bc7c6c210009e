//go:build linux

package cli

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"c1m/internal/workload"
)

// workloadFlags are the flags of a workload as one command takes them.
type workloadFlags struct{ given workload.Given }

// set gives flags values, as a command line does.
func (f *workloadFlags) set(name string, values ...string) {
	if f.given == nil {
		f.given = make(workload.Given)
	}
	f.given[name] = values
}

// register declares flags. With lists a flag takes several values, each of which
// is measured. Names are those of this command, where they differ.
func (f *workloadFlags) register(flags *pflag.FlagSet, list []workload.Flag, lists bool, names map[string]string) {
	if f.given == nil {
		f.given = make(workload.Given)
	}
	for _, one := range list {
		name := one.Name
		if other := names[name]; other != "" {
			name = other
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

// workloadValue is the value of one flag, as pflag wants it.
type workloadValue struct {
	flag  workload.Flag
	given workload.Given
	list  bool
}

func (v *workloadValue) String() string {
	if v.given == nil { // pflag asks a zero value
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

// runUsage is an error of a workload in a command that makes a run, whose flags
// have names of their own.
func runUsage(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error() + " "
	for name, other := range runNames {
		text = strings.ReplaceAll(text, "-"+name+" ", "-"+other+" ")
	}
	return usagef("%s", strings.TrimSuffix(text, " "))
}
