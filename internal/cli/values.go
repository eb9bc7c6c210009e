//go:build linux

package cli

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"c1m/internal/plain"
)

// parseCount reads 500, 10k, 1.5k or 1M.
func parseCount(s string) (int, error) {
	digits, unit := cutUnit(s)
	v, err := strconv.ParseFloat(digits, 64)
	v *= unit
	if err != nil || v != math.Trunc(v) || math.Abs(v) > 1e9 {
		return 0, errors.New("want a whole number, such as 500, 10k or 1M")
	}
	return int(v), nil
}

// cutUnit cuts the k or M off a number, and returns what it stands for.
func cutUnit(s string) (digits string, unit float64) {
	switch {
	case strings.HasSuffix(s, "k"), strings.HasSuffix(s, "K"):
		return s[:len(s)-1], 1e3
	case strings.HasSuffix(s, "M"), strings.HasSuffix(s, "m"):
		return s[:len(s)-1], 1e6
	}
	return s, 1
}

// parseAmount reads what need not be whole: 0.5, 500, 10k or 1.5M.
func parseAmount(s string) (float64, error) {
	digits, unit := cutUnit(s)
	v, err := strconv.ParseFloat(digits, 64)
	v *= unit
	if err != nil || !(math.Abs(v) <= 1e9) { // NaN as well
		return 0, errors.New("want a number, such as 0.5, 500, 10k or 1M")
	}
	return v, nil
}

// amountText is what parseAmount reads as the same number.
func amountText(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// amounts is a flag's list of such.
type amounts []float64

func (a *amounts) Type() string { return "RATES" }

func (a *amounts) String() string     { return joinList(*a, amountText) }
func (a *amounts) Set(s string) error { return setList(a, s, parseAmount) }

// parseList reads the parts of a comma-separated list, each value once.
func parseList[T comparable](s string, parse func(string) (T, error)) ([]T, error) {
	var list []T
	for part := range strings.SplitSeq(s, ",") {
		one, err := parse(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		if !slices.Contains(list, one) {
			list = append(list, one)
		}
	}
	return list, nil
}

// count is a flag's whole number.
type count int

func (c *count) String() string { return strconv.Itoa(int(*c)) }
func (c *count) Type() string   { return "COUNT" }

func (c *count) Set(s string) error {
	n, err := parseCount(s)
	*c = count(n)
	return err
}

// counts is a flag's list of whole numbers.
type counts []int

func (c *counts) Type() string { return "COUNTS" }

func (c *counts) String() string     { return joinList(*c, strconv.Itoa) }
func (c *counts) Set(s string) error { return setList(c, s, parseCount) }

// joinList writes the value of a list flag, as it is read.
func joinList[T any](list []T, word func(T) string) string {
	words := make([]string, len(list))
	for i, one := range list {
		words[i] = word(one)
	}
	return strings.Join(words, ",")
}

// setList reads the value of a list flag. One that is wrong leaves the list
// as it was.
func setList[L ~[]T, T comparable](list *L, s string, parse func(string) (T, error)) error {
	parsed, err := parseList(s, parse)
	if err == nil {
		*list = parsed
	}
	return err
}

// cpus is a flag's list of processors: 0-3,6.
type cpus []int

func (c *cpus) Type() string { return "CPUS" }

func (c *cpus) String() string { return joinList(*c, strconv.Itoa) }

// maxCPU bounds a range that was mistyped; Linux allows 8192 processors.
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

// named is one NAME=VALUE.
type named struct{ name, value string }

// pairs is a repeatable flag of NAME=VALUE.
type pairs []named

func (p *pairs) Type() string { return "NAME=VALUE" }

func (p *pairs) String() string {
	parts := make([]string, len(*p))
	for i, n := range *p {
		parts[i] = n.name + "=" + n.value
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
	*p = append(*p, named{strings.TrimSpace(name), strings.TrimSpace(value)})
	return nil
}
