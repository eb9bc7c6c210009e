//go:build linux

package cli

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"c1m/internal/load"
	"c1m/internal/result"
)

// rate is a load to offer: requests per second over all replicas, or a share
// of what the row does in a closed loop. One of the two is 0; both, and it is
// the closed loop itself.
type rate struct{ perSecond, share float64 }

func (r rate) String() string {
	if r.share > 0 {
		return strconv.FormatFloat(100*r.share, 'f', -1, 64) + "%"
	}
	return amountText(r.perSecond)
}

// maxShare is the largest share of a closed loop worth asking for: a server
// that is offered twice what it can do shows what overload does to it.
const maxShare = 2

// parseRate reads 0.5, 500, 10k or 50%.
func parseRate(s string) (rate, error) {
	if digits, ok := strings.CutSuffix(s, "%"); ok {
		v, err := strconv.ParseFloat(digits, 64)
		switch {
		case err != nil || math.IsNaN(v):
			return rate{}, errors.New("want requests per second, such as 10k, or a share of the closed loop, such as 50%")
		case v <= 0 || v > 100*maxShare:
			return rate{}, fmt.Errorf("%s%%: want more than 0%% and at most %d%% of the closed loop", digits, 100*maxShare)
		}
		return rate{share: v / 100}, nil
	}
	v, err := parseAmount(s)
	switch {
	case err != nil:
		return rate{}, errors.New("want requests per second, such as 0.5, 500 or 10k, or a share of the closed loop, such as 50%")
	case v <= 0:
		return rate{}, fmt.Errorf("%s: want more than 0 requests per second; a closed loop needs no -rates", s)
	}
	return rate{perSecond: v}, nil
}

// rates is a flag's list of loads.
type rates []rate

func (r *rates) Type() string { return "RATES" }

func (r *rates) String() string     { return joinList(*r, rate.String) }
func (r *rates) Set(s string) error { return setList(r, s, parseRate) }

// loads are the loads each row is measured under, in the table's order: the
// closed loop where no rate is given, and where a share of it is.
func (r rates) loads() []rate {
	if len(r) == 0 || slices.ContainsFunc(r, func(one rate) bool { return one.share > 0 }) {
		return append([]rate{{}}, r...)
	}
	return r
}

// checkRates refuses rates that a window could not show, and arrivals without
// a rate.
func (f runFlags) checkRates(given func(string) bool) error {
	most := load.MaxRate * float64(f.replicas)
	for _, one := range f.rates {
		if one.perSecond > most {
			return usagef("-rates %v: want at most %s per second, %s for each replica", one, perSecond(most), perSecond(load.MaxRate))
		}
		if window := f.longest(given); one.perSecond > 0 && one.perSecond/float64(max(1, f.replicas))*window.Seconds() < 1 {
			least := float64(max(1, f.replicas)) / window.Seconds()
			return usagef("-rates %v: less than one request in a window of %v%s; want at least %s, or a longer -d", one, window, f.forEachReplica(), perSecond(roundUp(least)))
		}
	}
	if err := oneOf("arrivals", f.arrivals, "uniform", "poisson"); err != nil {
		return err
	}
	if given("arrivals") && len(f.rates) == 0 && f.slo == "" {
		return usagef("-arrivals %s: a closed loop has no schedule; add -rates or -slo", f.arrivals)
	}
	return f.checkSLO(given)
}

// under is the cell under a load.
func (f runFlags) under(cell result.Cell, offer rate) result.Cell {
	if f.slo != "" {
		cell.SLO, cell.Arrivals = f.slo, f.arrivals
	}
	if offer != (rate{}) {
		cell.Rate, cell.RateShare, cell.Arrivals = offer.perSecond, offer.share, f.arrivals
	}
	return cell
}

// rateSource says where a cell's rate comes from if only the run knows it.
func rateSource(c result.Cell) string {
	switch {
	case c.SLO != "":
		return "what the search for " + c.SLO + " tries next; its first step is a closed loop, without --rate"
	case c.RateShare > 0:
		return rate{share: c.RateShare}.String() + " of what the row does in the closed loop of the same round"
	}
	return ""
}

// roundUp is the next number of two digits.
func roundUp(v float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(v))-1)
	return math.Ceil(v/unit-1e-9) * unit
}

// perSecond writes a rate: all digits of a whole number, three of another that
// is small.
func perSecond(v float64) string {
	if v >= 100 || v == math.Trunc(v) {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// loadName is what is offered to a cell, for the line of progress; empty in a
// closed loop.
func loadName(c result.Cell) string {
	switch {
	case c.Rate > 0:
		return " at " + perSecond(c.Rate) + "/s"
	case c.RateShare > 0:
		return " at " + rate{share: c.RateShare}.String()
	}
	return ""
}
