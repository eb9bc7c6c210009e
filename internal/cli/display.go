//go:build linux

package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"c1m/internal/format"
	"c1m/internal/plain"
	"c1m/internal/result"
	"c1m/internal/search"
	"c1m/internal/suite"
	"c1m/internal/table"
	"c1m/internal/workload"
)

// display is the progress of a run on stderr: on a terminal one line that is
// rewritten, elsewhere, and where TERM is dumb, a line per trial.
type display struct {
	w     io.Writer
	tty   io.Writer // the terminal itself, which takes the orders that w removes
	quiet bool
	width int // of the terminal; 0: not a terminal
	drawn bool

	reasons []suite.Event // the first trial of each reason for no measurement
}

func newDisplay(w io.Writer, quiet bool) *display {
	d := &display{w: w, tty: w, quiet: quiet}
	if f, width := terminalOf(w); f != nil && os.Getenv("TERM") != "dumb" {
		d.tty, d.width = f, width
	}
	return d
}

// plan says what will be measured, before it starts.
func (d *display) plan(h result.Header, file string) {
	if d.quiet {
		return
	}
	rows := 0
	var each time.Duration
	for _, c := range h.Cells {
		if c.Kind != result.KindCeiling {
			rows++
		}
		each += c.Warmup + c.Window
	}
	if len(h.Cells) > 0 && h.Cells[0].SLO != "" {
		fmt.Fprintf(d.w, "%s for %s, seed %d, about %v for every step; kept in %s\n", searches(rows), h.Cells[0].SLO, h.Seed, each.Round(time.Second), file)
		return
	}
	total := (time.Duration(h.Rounds) * each).Round(time.Second)
	fmt.Fprintf(d.w, "%s, %s, seed %d, at least %v; kept in %s\n", format.Plural(rows, "cell"), format.Plural(h.Rounds, "round"), h.Seed, total, file)
}

// observe shows an event.
func (d *display) observe(e suite.Event) {
	switch {
	case d.quiet:
	case d.width > 0:
		d.draw(line(e))
	case e.Phase == suite.Again:
		fmt.Fprintln(d.w, plain.Line(againLine(e)))
	case e.Phase == suite.Done:
		fmt.Fprintln(d.w, plain.Line(doneLine(d.once(e))))
	}
}

// once is the event with a reason that was told before replaced by where.
func (d *display) once(e suite.Event) suite.Event {
	if e.Result.Failure == "" {
		return e
	}
	for _, first := range d.reasons {
		if table.SameReason(first.Result.Failure, e.Result.Failure) {
			again := *e.Result
			again.Failure = fmt.Sprintf("as in trial %d", first.Trial)
			e.Result = &again
			return e
		}
	}
	d.reasons = append(d.reasons, e)
	return e
}

// draw writes text over what the terminal's line showed. One that is cut says
// so: 1000 of a 10000 would be read as another number.
func (d *display) draw(text string) {
	text = plain.Line(text)
	if format.Length(text) >= d.width {
		text = format.First(text, d.width-2) + "…"
	}
	fmt.Fprintf(d.tty, "\r\x1b[K%s", text)
	d.drawn = true
}

// end clears the rewritten line.
func (d *display) end() {
	if d.drawn {
		fmt.Fprint(d.tty, "\r\x1b[K")
	}
}

// line is what runs now.
func line(e suite.Event) string {
	text := fmt.Sprintf("%s · %s left · %s · %s", where(e), e.Left.Round(time.Second), cellName(e.Cell), e.Phase)
	if e.Phase == suite.Connecting && e.Asked > 0 {
		text += fmt.Sprintf(" %d/%d", e.Connected, e.Asked)
	}
	return text
}

// doneLine is how a trial ended.
func doneLine(e suite.Event) string {
	return fmt.Sprintf("%s · %s · %s · %s left", where(e), cellName(e.Cell), trialText(e.Cell, *e.Result), e.Left.Round(time.Second))
}

// againLine is why a trial is made again.
func againLine(e suite.Event) string {
	return fmt.Sprintf("%s · %s · a window of %v is too short for its latency · again with %v", where(e), cellName(e.Cell), e.Cell.Window, e.Longer)
}

// where is how far the run is. How many steps a search takes, it does not know
// itself.
func where(e suite.Event) string {
	if e.Trials == 0 {
		return fmt.Sprintf("step %d · trial %d", e.Round, e.Trial)
	}
	return fmt.Sprintf("round %d/%d · trial %d/%d", e.Round, e.Rounds, e.Trial, e.Trials)
}

func cellName(c result.Cell) string {
	if c.Kind == result.KindCeiling {
		return c.Row
	}
	return fmt.Sprintf("%s %d%s%s", c.Row, c.Conns, trafficName(c), loadName(c))
}

// trialText is what a trial gave, in a few words.
func trialText(cell result.Cell, t result.Trial) string {
	switch {
	case t.Failure != "":
		return "no measurement: " + t.Failure
	case t.Load == nil:
		return fmt.Sprintf("%.0f round trips/s", t.Ceiling)
	}
	text := fmt.Sprintf("%s %s/s", format.Unscaled(t.Load.Throughput()), operations(cell.Workload))
	if cell.Workload.Kind() == workload.Idle {
		text = fmt.Sprintf("%d held", t.Load.Kept)
	}
	if o, err := search.ParseObjective(cell.SLO); err == nil && t.Rate > 0 {
		if why := o.Miss(t); why != "" {
			return text + " · does not hold: " + why
		}
		return text + " · holds"
	}
	if t.Server != nil && t.Server.Dropped != nil && *t.Server.Dropped > 0 {
		text += fmt.Sprintf(" · %d dropped", *t.Server.Dropped)
	}
	if t.Server != nil && t.Server.Disconnected != nil && *t.Server.Disconnected > 0 {
		text += fmt.Sprintf(" · %d disconnected", *t.Server.Disconnected)
	}
	for _, c := range t.Checks {
		if c.Verdict == result.Failed && c.Follows == "" {
			text += " · FAILED " + c.Name
		}
	}
	return text
}
