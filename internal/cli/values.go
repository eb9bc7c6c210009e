//go:build linux

package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"c1m/internal/affinity"
	"c1m/internal/plain"
	"c1m/internal/plan"
	"c1m/internal/workload"
)

// count is a whole number given by a flag.
type count int

func (c *count) String() string { return strconv.Itoa(int(*c)) }
func (c *count) Type() string   { return "COUNT" }

func (c *count) Set(s string) error {
	n, err := workload.ParseCount(s)
	*c = count(n)
	return err
}

// cpus is a list of processors given by a flag: 0-3,6.
type cpus []int

func (c *cpus) Type() string { return "CPUS" }

func (c *cpus) String() string { return affinity.List(*c) }

// maxCPU limits a range, to detect typing errors; Linux allows 8192 processors.
const maxCPU = 8191

func (c *cpus) Set(s string) error {
	var list []int
	for part := range strings.SplitSeq(s, ",") {
		first, last, ranged := strings.Cut(strings.TrimSpace(part), "-")
		a, err := strconv.Atoi(first)
		b := a
		if err == nil && ranged {
			b, err = strconv.Atoi(last)
		}
		if err != nil || a < 0 || b < a || b > maxCPU {
			return errors.New("want processors, such as 0-3,6")
		}
		for cpu := a; cpu <= b; cpu++ {
			list = append(list, cpu)
		}
	}
	slices.Sort(list)
	*c = slices.Compact(list)
	return nil
}

// pairs is the values of a repeatable flag NAME=VALUE.
type pairs []plan.Other

func (p *pairs) Type() string { return "NAME=VALUE" }

func (p *pairs) String() string {
	parts := make([]string, len(*p))
	for i, n := range *p {
		parts[i] = n.Name + "=" + n.Value
	}
	return strings.Join(parts, " ")
}

func (p *pairs) Set(s string) error {
	name, value, ok := strings.Cut(s, "=")
	if !ok || strings.TrimSpace(name) == "" || strings.TrimSpace(value) == "" {
		return fmt.Errorf("want %s", p.Type())
	}
	if err := plain.Check(name); err != nil {
		return fmt.Errorf("the name: %w", err)
	}
	*p = append(*p, plan.Other{Name: strings.TrimSpace(name), Value: strings.TrimSpace(value)})
	return nil
}
