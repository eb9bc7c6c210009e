// Package compare takes two runs to a verdict: which cells became slower,
// which faster, and whether the data could tell at all. The sample is the
// trial; a change counts only if chance and scatter do not explain it. It
// measures nothing, reads no files, and knows nothing of exit codes.
package compare

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"c1m/internal/metric"
	"c1m/internal/plain"
	"c1m/internal/result"
)

const (
	// Alpha is the chance of even one false alarm among all gated tests.
	Alpha = 0.05

	// leastRounds is how many samples a side needs: fewer have no interval.
	leastRounds = 6
)

// Options say what decides.
type Options struct {
	// Gate names the units whose change is judged; nil is what each cell was
	// measured for: ops/s of a closed loop, p99 (with Ref, p50) where the load
	// says how many operations there are, memory of idle connections, recovered
	// of storms, held of searches.
	Gate []string

	// Ref is a row that both runs have. Throughput and p50 of every other row
	// are divided by its own in the same round, which takes the machine's mood
	// out of two runs that were not interleaved. It is blind to a change of
	// the reference itself. Empty: no division.
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

// Verdict is what a test, or all of them, say.
type Verdict string

const (
	Regression  Verdict = "regression"  // worse, p below Alpha after Holm, and at least the least effect
	Improvement Verdict = "improvement" // the same, better
	Unchanged   Verdict = "unchanged"   // less than the least effect
	Noisy       Verdict = "noisy"       // at least the least effect, but chance explains it
	Undecided   Verdict = "no verdict"  // the data cannot tell
	Shown       Verdict = "shown"       // not gated
)

// Comparison is two sides in numbers, and what they say.
type Comparison struct {
	// Verdict is Regression if any test says so or Increases is not empty;
	// else Undecided if Reasons is not empty; else Unchanged or Improvement.
	Verdict Verdict `json:"verdict"`

	Old Side `json:"old"`
	New Side `json:"new"`

	Interleaved bool     `json:"interleaved"` // both sides were measured in the same rounds
	Ref         string   `json:"ref,omitempty"`
	Gate        []string `json:"gate"`
	Tests       int      `json:"tests"` // gated: the family of Holm's correction
	Alpha       float64  `json:"alpha"`

	Increases []string `json:"increases"` // errors and lost connections that became more
	Reasons   []string `json:"reasons"`   // why there is no verdict, or not on all
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

	Change *float64 `json:"change"` // of the medians, relative to the old: 0.05 is 5% more
	P      *float64 `json:"p"`      // Mann-Whitney, two-sided; gated units only
	Holm   *float64 `json:"p_holm"` // corrected over all gated tests
	Least  float64  `json:"least,omitempty"`

	// Detectable is the smallest change for the worse that these samples could
	// have shown, if nothing but its direction and size had been different:
	// significant after a correction for all tests, and at least Least. Nil if
	// there is none.
	Detectable *float64 `json:"detectable"`
}

// Runs compares two runs. What they are called is for the reader.
func Runs(oldName string, old result.Run, newName string, new result.Run, o Options) (Comparison, error) {
	if err := o.Validate(); err != nil {
		return Comparison{}, err
	}
	a, b := sideOf(oldName, old, nil), sideOf(newName, new, nil)
	if o.Ref != "" && !a.has(o.Ref) && !b.has(o.Ref) {
		return Comparison{}, fmt.Errorf("-ref %s: is a row of neither run: want one of %s", plain.Line(o.Ref), strings.Join(a.rows(), ", "))
	}
	c := compare(a, b, o, differences(a.header, b.header), false)
	return c, nil
}

// Halves compares two rows of one run, whose trials are interleaved.
func Halves(run result.Run, oldRow, newRow string, o Options) (Comparison, error) {
	if err := o.Validate(); err != nil {
		return Comparison{}, err
	}
	if o.Ref != "" {
		return Comparison{}, errors.New("-ref: what is interleaved needs no reference")
	}
	c := compare(sideOf(oldRow, run, &oldRow), sideOf(newRow, run, &newRow), o, nil, true)
	return c, nil
}
