//go:build linux

package workload

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// suffix is the end of a number, and what it multiplies by.
type suffix struct {
	text string
	unit float64
}

var (
	thousands = []suffix{{"k", 1e3}, {"K", 1e3}, {"M", 1e6}, {"m", 1e6}}
	binary    = []suffix{{"KiB", 1 << 10}, {"MiB", 1 << 20}}
)

// cutSuffix returns the digits before the first suffix that s ends with, and its
// unit; s and 1 if there is none.
func cutSuffix(s string, suffixes []suffix) (digits string, unit float64) {
	for _, end := range suffixes {
		if digits, is := strings.CutSuffix(s, end.text); is {
			return digits, end.unit
		}
	}
	return s, 1
}

// ParseCount parses 500, 10k, 1.5k or 1M.
func ParseCount(s string) (int, error) {
	v, err := parseNumber(s)
	if err != nil || v != math.Trunc(v) || math.Abs(v) > 1e9 {
		return 0, errors.New("want a whole number, such as 500, 10k or 1M")
	}
	return int(v), nil
}

// parseNumber parses a number that may end in k or M.
func parseNumber(s string) (float64, error) {
	digits, unit := cutSuffix(s, thousands)
	v, err := strconv.ParseFloat(digits, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, errors.New("not a number")
	}
	return v * unit, nil
}

// parseSize parses 8, 1k (1000), 64KiB or 1MiB.
func parseSize(s string) (int, error) {
	digits, unit := cutSuffix(s, binary)
	n, err := ParseCount(digits)
	if err != nil {
		return 0, errors.New("want bytes, such as 8, 1k, 64KiB or 1MiB")
	}
	if n *= int(unit); n < 1 || n > MaxSize {
		return 0, fmt.Errorf("want 1 to %d bytes", MaxSize)
	}
	return n, nil
}

// parseRate parses operations per second; 0 means none.
func parseRate(s string) (float64, error) {
	v, err := parseNumber(s)
	if err != nil || v < 0 || v > 1e9 {
		return 0, errors.New("want a number per second, such as 0.5, 500 or 10k")
	}
	return v, nil
}

// maxShare is the largest share of a closed loop's throughput: twice a server's maximum is
// enough to show overload.
const maxShare = 2

// ClosedLoop is the value of -rate for a closed loop, to name it in a list.
const ClosedLoop = "closed"

// setRate parses requests per second, a share of a closed loop's throughput, or
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

// parsePart parses a number of connections, at most conns, or a share of conns, at least
// one connection.
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

// number and decimal format for ParseCount and parseNumber; 0 is empty.
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
