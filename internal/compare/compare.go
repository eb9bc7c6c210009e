// Package compare judges two runs, or two rows of one: what became worse, what did not, and
// what the data cannot tell. A verdict is a statement about the interval of a ratio and a
// margin. The package measures nothing, reads no files, and must not depend on exit codes.
package compare

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"c1m/internal/metric"
	"c1m/internal/plain"
	"c1m/internal/result"
	"c1m/internal/stat"
)

const (
	// Alpha is the chance that any interval of a comparison misses its ratio.
	Alpha = 0.05

	// leastRounds is how many rounds, or blocks, an interval takes.
	leastRounds = stat.LeastPairs
)

// Options say what decides.
type Options struct {
	// Gate names the units whose change is judged; nil is what each cell was
	// measured for: ops/s of a closed loop, p99 (with Ref, p50) where the load
	// says how many operations there are, memory of idle connections, recovered
	// of storms, held of searches.
	Gate []string

	// Ref is a row that both runs have. Throughput and p50 of every other row
	// are divided by its own in the same round, which removes the drift that
	// both rows share from two runs that were not interleaved. It is blind to a
	// change of the reference itself. Empty: no division.
	Ref string
}

// Validate refuses options that cannot be. The error names the flag.
func (o Options) Validate() error {
	if o.Gate != nil && len(o.Gate) == 0 {
		return errors.New("-gate: empty: want " + gateable())
	}
	for i, name := range o.Gate {
		u, known := unitOf(name)
		switch {
		case !known:
			return fmt.Errorf("-gate %s: want %s", plain.Line(name), gateable())
		case u.Gate.Least == 0:
			return fmt.Errorf("-gate %s: is shown, not judged: want %s", name, gateable())
		case slices.Contains(o.Gate[:i], name):
			return fmt.Errorf("-gate %s: given twice", name)
		case o.Ref != "" && !u.Gate.Divides:
			return fmt.Errorf("-gate %s cannot be combined with -ref, which divides only ops/s and p50", name)
		}
	}
	return nil
}

// Comparison is two sides in numbers, and what they say.
type Comparison struct {
	// Verdict is Worse if any unit is, or Increases is not empty; else
	// CannotTell if that is true of any, or Reasons is not empty; else Better if
	// any unit is, Unchanged if all are, or NotWorse.
	Verdict Verdict `json:"verdict"`

	Old Side `json:"old"`
	New Side `json:"new"`

	Interleaved bool     `json:"interleaved"` // both sides were measured in the same blocks
	Ref         string   `json:"ref,omitempty"`
	Gate        []string `json:"gate"`
	Tests       int      `json:"tests"` // ratios that are judged: their intervals hold together
	Alpha       float64  `json:"alpha"`

	// LastLook is the number of blocks of the last look that was planned, if the run
	// was judged while it was made: the others follow from it.
	LastLook int `json:"last_look,omitempty"`

	Increases []string `json:"increases"` // errors and lost connections that became more
	Reasons   []string `json:"reasons"`   // why it cannot be told, or not of all
	Rows      []Row    `json:"rows"`
}

// Side is one of the two.
type Side struct {
	Name      string `json:"name"` // what the user calls it
	Run       string `json:"run"`
	Started   string `json:"started,omitempty"` // RFC 3339
	Commit    string `json:"commit,omitempty"`
	Command   string `json:"command"`
	Truncated bool   `json:"truncated"` // the file's last line was cut off
}

// Row is a cell that both sides have.
type Row struct {
	Name      string      `json:"name"` // row, connections, and what else tells it from others
	Row       string      `json:"row"`
	Cell      result.Cell `json:"cell"` // the new side's
	Reference bool        `json:"reference,omitempty"`
	Units     []Unit      `json:"units"`

	cells    [2]int // in the headers of the old and the new run
	hopeless bool   // more trials would not make a verdict
}

// Unit is a row in one unit.
type Unit struct {
	Unit    string  `json:"unit"`
	Gated   bool    `json:"gated"`
	Verdict Verdict `json:"verdict"`

	// Divided says that Old and New are multiples of the reference.
	Divided bool          `json:"divided,omitempty"`
	Old     *metric.Value `json:"old"` // ops/s, ns, ns per operation, bytes per connection; nil if not measured
	New     *metric.Value `json:"new"`

	Ratio  *Ratio  `json:"ratio"`            // of the new to the old; nil if there is none
	Margin float64 `json:"margin,omitempty"` // relative: 0.05 is 5%

	// Needed is how many blocks would probably make a verdict; nil where there is
	// one, and where that is not known: the change is about as large as the margin,
	// or the runs were not interleaved, and longer ones would follow the drift.
	Needed *int `json:"needed,omitempty"`
}

// Ratio is new ÷ old.
type Ratio struct {
	N        int     `json:"pairs"` // of neighbours; of two runs, the rounds of the shorter
	Estimate float64 `json:"estimate"`

	// Low and High are the ends of its interval, which holds together with those
	// of all that is judged; nil where it is not judged, or has too few rounds.
	Low  *float64 `json:"low"`
	High *float64 `json:"high"`
}

// Runs compares two runs. What they are called is for the reader.
func Runs(oldName string, old result.Run, newName string, new result.Run, o Options) (Comparison, error) {
	if err := o.Validate(); err != nil {
		return Comparison{}, err
	}
	a, b := sideOf(oldName, old, cellsOf(old)), sideOf(newName, new, cellsOf(new))
	if o.Ref != "" && !a.has(o.Ref) && !b.has(o.Ref) {
		return Comparison{}, fmt.Errorf("-ref %s: is a row of neither run: want one of %s", plain.Line(o.Ref), strings.Join(a.rows(), ", "))
	}
	return compare(a, b, o, differences(a.header, b.header), apartInTime{}), nil
}

// Halves compares two rows of one run, whose trials are interleaved.
func Halves(run result.Run, oldRow, newRow string, o Options) (Comparison, error) {
	return halves(run, oldRow, newRow, o, neighbours{})
}

// Growing compares two rows of a run that is judged while it is made, at the
// looks that were planned before it. The trials of each block were added one
// after the other, and none was made of a row that had its verdict. over says
// that the run is over, and that its data did not choose its end: then what the
// looks have left of Alpha is spent on all trials.
func Growing(run result.Run, oldRow, newRow string, o Options, looks stat.Looks, over bool) (Comparison, error) {
	return halves(run, oldRow, newRow, o, growing{looks: looks, over: over})
}

func halves(run result.Run, oldRow, newRow string, o Options, d design) (Comparison, error) {
	if err := o.Validate(); err != nil {
		return Comparison{}, err
	}
	if o.Ref != "" {
		return Comparison{}, errors.New("-ref: rows that were interleaved need no reference")
	}
	both := sideOf("", run, cellsOf(run))
	return compare(both.only(oldRow), both.only(newRow), o, nil, d), nil
}

// Settled are the cells, by their place in the header of the run, whose every
// judged unit has its verdict, or had its last look, or can have none.
func (c Comparison) Settled() map[int]bool {
	settled := make(map[int]bool)
	for _, row := range c.Rows {
		open := slices.ContainsFunc(row.Units, func(u Unit) bool {
			return u.Gated && u.Verdict == CannotTell && (u.Ratio == nil || c.LastLook == 0 || u.Ratio.N < c.LastLook)
		})
		for _, cell := range row.cells {
			settled[cell] = row.hopeless || !open
		}
	}
	return settled
}

// Needed is about how many blocks there are when all is settled; 0 if that cannot
// be said.
func (c Comparison) Needed() int {
	most := 0
	for _, row := range c.Rows {
		for _, u := range row.Units {
			switch {
			case !u.Gated || u.Verdict != CannotTell || row.hopeless:
			case u.Needed == nil:
				return 0
			default:
				most = max(most, *u.Needed)
			}
		}
	}
	return most
}
