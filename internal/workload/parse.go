//go:build linux

package workload

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// ParseCount reads 500, 10k, 1.5k or 1M.
func ParseCount(s string) (int, error) {
	v, err := parseNumber(s)
	if err != nil || v != math.Trunc(v) || math.Abs(v) > 1e9 {
		return 0, errors.New("want a whole number, such as 500, 10k or 1M")
	}
	return int(v), nil
}

// parseNumber reads a number that may end in k or M.
func parseNumber(s string) (float64, error) {
	unit := 1.0
	for suffix, value := range map[string]float64{"k": 1e3, "K": 1e3, "M": 1e6, "m": 1e6} {
		if digits, ok := strings.CutSuffix(s, suffix); ok {
			s, unit = digits, value
			break
		}
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, errors.New("not a number")
	}
	return v * unit, nil
}

// ParseSize reads 8, 1k (1000), 64KiB or 1MiB.
func ParseSize(s string) (int, error) {
	unit := 1
	for suffix, bytes := range map[string]int{"KiB": 1 << 10, "MiB": 1 << 20} {
		if digits, ok := strings.CutSuffix(s, suffix); ok {
			s, unit = digits, bytes
			break
		}
	}
	n, err := ParseCount(s)
	if err != nil {
		return 0, errors.New("want bytes, such as 8, 1k, 64KiB or 1MiB")
	}
	if n *= unit; n < 1 || n > MaxSize {
		return 0, fmt.Errorf("want 1 to %d bytes", MaxSize)
	}
	return n, nil
}

// parseRate reads operations per second; 0 is none.
func parseRate(s string) (float64, error) {
	v, err := parseNumber(s)
	if err != nil || v < 0 || v > 1e9 {
		return 0, errors.New("want a number per second, such as 0.5, 500 or 10k")
	}
	return v, nil
}

// maxShare is the largest share of a closed loop's throughput worth asking for:
// at twice what a server can do, one sees what overload does to it.
const maxShare = 2

// ClosedLoop is the value of -rate for a closed loop, to name it in a list.
const ClosedLoop = "closed"

// setRate reads requests per second, a share of a closed loop's throughput, or
// ClosedLoop.
func setRate(w *Workload, s string) error {
	if s == ClosedLoop {
		return nil
	}
	if digits, ok := strings.CutSuffix(s, "%"); ok {
		v, err := strconv.ParseFloat(digits, 64)
		if err != nil || !(v > 0) || v > 100*maxShare {
			return fmt.Errorf("want more than 0%% and at most %d%% of the closed loop", 100*maxShare)
		}
		w.RateShare = v / 100
		return nil
	}
	v, err := parseNumber(s)
	if err != nil || v <= 0 || v > 1e9 {
		return errors.New("want requests per second, such as 0.5, 500 or 10k; omit the flag for a closed loop")
	}
	w.Rate = v
	return nil
}

// parsePart reads a number of so many connections, or a share of them, which
// is at least one connection.
func parsePart(s string, conns int) (int, error) {
	if digits, ok := strings.CutSuffix(s, "%"); ok {
		v, err := strconv.ParseFloat(digits, 64)
		if err != nil || !(v > 0) || v > 100 {
			return 0, errors.New("want more than 0% and at most 100%")
		}
		return max(1, int(math.Round(v/100*float64(conns)))), nil
	}
	n, err := ParseCount(s)
	switch {
	case err != nil:
		return 0, errors.New("want a number of connections, such as 500 or 10k, or a share, such as 1%")
	case n < 1 || n > conns:
		return 0, fmt.Errorf("want 1 to %d, the number of connections, or a share, such as 1%%", conns)
	}
	return n, nil
}

func parseSwitch(on *bool, s string) (err error) {
	if *on, err = strconv.ParseBool(s); err != nil {
		return errors.New("want no value")
	}
	return nil
}

func switched(on bool) string {
	if on {
		return "true"
	}
	return ""
}

// number and decimal write what ParseCount and parseNumber read; nothing for 0.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func decimal(v float64) string {
	if v == 0 {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
