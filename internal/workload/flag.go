//go:build linux

package workload

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Side is who is told of a property of the workload.
type Side uint8

const (
	Client Side = 1 << iota
	Server
	Run // neither: it is for what makes a run of them
)

// Flag is a property of a workload as every command has it: how it is read,
// checked, written and explained. That is all there is to say of it: what a
// replica or a server is started with is made of the same table.
type Flag struct {
	Name    string   // without dashes
	Value   string   // what its value is called in help; empty for a switch
	Help    string   // one line
	Default string   // its value where it is not given, as help shows it
	Group   string   // in which help lists it; empty is GroupLoad
	Choices []string // what a value is, or begins with, where there are few
	Side    Side
	Single  bool // a run has one value for all of its cells
	All     bool // every value that is given belongs to that one

	kinds []Kind // of traffic that it means something to; nil is all
	set   func(w *Workload, text string) error
	text  func(w Workload) string // what set reads; empty where it is not given
}

// The groups of flags in help.
const (
	GroupLoad    = "Load"    // what connections carry
	GroupTraffic = "Traffic" // which kind of traffic it is
)

// Flags are the flags of one side.
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

// Given are values of flags, by the flag's name: those that were given, in
// order. A flag that was not given has its default.
type Given map[string][]string

// Workload is the one workload where each flag has at most one value. An error
// names the flag.
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

// with is a workload with each of the values, or with all of them.
func (f Flag) with(w Workload, values []string) (list []Workload, err error) {
	one := w
	for _, text := range values {
		if !f.All {
			one = w
		}
		if err := f.set(&one, text); err != nil {
			return nil, fmt.Errorf("-%s %q: %w", f.Name, text, err)
		}
		list = append(list, one)
	}
	if f.All {
		return list[len(list)-1:], nil
	}
	return list, nil
}

// apply refuses flags that mean nothing to any of the workloads.
func (g Given) apply(list []Workload) error {
	for _, f := range table() {
		means := func(w Workload) bool { return f.kinds == nil || slices.Contains(f.kinds, w.Kind()) }
		switch {
		case len(g[f.Name]) == 0 || slices.ContainsFunc(list, means):
		case !slices.Contains(f.kinds, Closed):
			return fmt.Errorf("-%s requires %s", f.Name, f.kinds[0].how())
		default:
			return fmt.Errorf("-%s cannot be combined with %s", f.Name, list[0].Kind().how())
		}
	}
	return nil
}

// Args are the arguments that tell a workload to a client or a server.
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
