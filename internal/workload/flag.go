//go:build linux

package workload

import (
	"errors"
	"math"
	"slices"
	"strings"
)

// Side is the processes that a flag is passed to.
type Side uint8

const (
	Client Side = 1 << iota
	Server
	Run // neither: only bench run uses it
)

// Flag is a property of a workload, for every command: how it is parsed, checked, formatted
// and explained. The arguments of replicas and servers are made from the same table.
type Flag struct {
	Name    string   // without dashes
	Listed  string   // its name where it takes a list; empty: the same
	Value   string   // the name of its value in help; empty for a switch
	Help    string   // one line
	Default string   // its default value, as shown in help
	Group   string   // of help; empty is GroupLoad
	Choices []string // the possible values or their beginnings, if there are few
	Side    Side
	Single  bool // a run has one value for all cells
	All     bool // repeated values are combined into one

	kinds []Kind // of traffic that it applies to; nil: all
	set   func(w *Workload, text string) error
	text  func(w Workload) string // the input of set; empty if not given
}

// The groups of flags in help.
const (
	GroupLoad    = "Load"    // what connections carry
	GroupTraffic = "Traffic" // the kind of traffic
)

// Flags returns the flags of one side.
func Flags(side Side) []Flag {
	return slices.DeleteFunc(table(), func(f Flag) bool { return f.Side&side == 0 })
}

// Switch reports whether the flag is given without a value.
func (f Flag) Switch() bool { return f.Value == "" }

// Check refuses a value that no workload can have.
func (f Flag) Check(text string) error {
	if text == "" {
		return errors.New("empty: want a value; omit the flag for the default")
	}
	return f.set(&Workload{Conns: math.MaxInt}, text)
}

// Given is the values of flags that were given, in order, by the flag's name. Other flags
// have their default.
type Given map[string][]string

// Workload returns the workload if each flag has at most one value. An error names the
// flag.
func (g Given) Workload() (Workload, error) {
	list, err := g.Workloads()
	if err != nil {
		return Workload{}, err
	}
	return list[0], nil
}

// Workloads combines every value of each flag with every value of the others:
// the first flag of the table varies slowest. An error names the flag.
func (g Given) Workloads() ([]Workload, error) {
	list := []Workload{{}}
	for _, f := range table() {
		values := g[f.Name]
		if len(values) == 0 {
			continue
		}
		var all []Workload
		for _, w := range list {
			more, err := f.with(w, values)
			if err != nil {
				return nil, err
			}
			all = append(all, more...)
		}
		list = all
	}
	for i, w := range list {
		list[i] = w.WithDefaults()
		if err := list[i].Validate(); err != nil {
			return nil, err
		}
	}
	return list, g.apply(list)
}

// with returns w with each of the values, or one with all of them.
func (f Flag) with(w Workload, values []string) (list []Workload, err error) {
	one := w
	for _, text := range values {
		if !f.All {
			one = w
		}
		if err := f.set(&one, text); err != nil {
			return nil, flagErrorf("{"+f.Name+"} %q: %w", text, err)
		}
		list = append(list, one)
	}
	if f.All {
		return list[len(list)-1:], nil
	}
	return list, nil
}

// apply refuses flags that apply to none of the workloads.
func (g Given) apply(list []Workload) error {
	for _, f := range table() {
		means := func(w Workload) bool { return f.kinds == nil || slices.Contains(f.kinds, w.Kind()) }
		switch {
		case len(g[f.Name]) == 0 || slices.ContainsFunc(list, means):
		case !slices.Contains(f.kinds, Closed):
			return flagErrorf("{" + f.Name + "} requires " + f.kinds[0].how())
		default:
			return flagErrorf("{" + f.Name + "} cannot be combined with " + list[0].Kind().how())
		}
	}
	return nil
}

// Args returns the arguments that pass a workload to a client or a server.
func (w Workload) Args(side Side) []string {
	var args []string
	for _, f := range Flags(side) {
		switch text := f.text(w); {
		case text == "":
		case f.Switch():
			args = append(args, "--"+f.Name)
		case f.All:
			for value := range strings.SplitSeq(text, "\n") {
				args = append(args, "--"+f.Name+"="+value)
			}
		default:
			args = append(args, "--"+f.Name+"="+text)
		}
	}
	return args
}
