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

// display shows the progress of a run on stderr: on a terminal as one line that is
// rewritten, otherwise, or if TERM is dumb, as one line per trial.
type display struct {
	w     io.Writer
	tty   io.Writer // the terminal itself, for escape sequences, which w removes
	quiet bool
	width int // of the terminal; 0: not a terminal
	drawn bool
	known string // the text of the last look

	reasons []suite.Event // the first trial of each reason for no measurement
}

func newDisplay(w io.Writer, quiet bool) *display {
	d := &display{w: w, tty: w, quiet: quiet}
	if f, width := terminalOf(w); f != nil && os.Getenv("TERM") != "dumb" {
		d.tty, d.width = f, width
	}
	return d
}

// plan prints what will be measured.
func (d *display) plan(h result.Header, file string) {
	if d.quiet {
		return
	}
	rows := len(h.RowCells())
	round := h
	round.Rounds = 1
	var text string
	switch {
	case len(h.Cells) > 0 && h.Cells[0].SLO != "":
		text = fmt.Sprintf("%s for %s, seed %d, about %s for every step", searches(rows), h.Cells[0].SLO, h.Seed, rounded(suite.Estimate(round)))
	case h.Until != nil:
		text = fmt.Sprintf("%s, seed %d, at most %s in rounds of about %s", format.Plural(rows, "cell"), h.Seed, format.Setting(h.Until.For), rounded(suite.Estimate(round)))
	default:
		text = fmt.Sprintf("%s, %s, seed %d, about %s", format.Plural(rows, "cell"), format.Plural(h.Rounds, "round"), h.Seed, rounded(suite.Estimate(h)))
	}
	fmt.Fprintf(d.w, "%s; kept in %s\n", text, file)
}

// step shows what is done before the first trial.
func (d *display) step(text string) {
	switch {
	case d.quiet:
	case d.width > 0:
		d.draw(text)
	default:
		fmt.Fprintln(d.w, plain.Line(text))
	}
}

// observe shows an event.
func (d *display) observe(e suite.Event) {
	switch {
	case d.quiet:
	case e.Phase == suite.Over:
		d.end()
		fmt.Fprint(d.w, spentLines(e.Spent))
	case d.width > 0:
		d.draw(line(e))
	case e.Phase == suite.Looked && e.Look.Text == d.known: // nothing new
	case e.Phase == suite.Looked:
		d.known = e.Look.Text
		fmt.Fprintln(d.w, plain.Line(lookedLine(e)))
	case e.Phase == suite.Again:
		fmt.Fprintln(d.w, plain.Line(againLine(e)))
	case e.Phase == suite.Done:
		fmt.Fprintln(d.w, plain.Line(doneLine(d.once(e))))
	}
}

// once replaces a reason that was shown before by a reference to it.
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

// draw rewrites the terminal's line. A text that is cut ends with a mark, because 1000 of
// 10000 would be misread.
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
	d.drawn = false
}

// line describes the current trial.
func line(e suite.Event) string {
	if e.Phase == suite.Looked {
		return lookedLine(e)
	}
	known := ""
	if e.Look.Text != "" {
		known = e.Look.Text + " · "
	}
	return fmt.Sprintf("%s · %s%s left · %s · %s", where(e), known, e.Left.Round(time.Second), cellName(e.Cell), phaseText(e))
}

// phaseText describes the phase of a trial.
func phaseText(e suite.Event) string {
	if e.Phase == suite.Connecting && e.Asked > 0 {
		return fmt.Sprintf("%s %d/%d", e.Phase, e.Connected, e.Asked)
	}
	return string(e.Phase)
}

// doneLine describes how a trial ended.
func doneLine(e suite.Event) string {
	return fmt.Sprintf("%s · %s · %s · %s left", where(e), cellName(e.Cell), trialText(e.Cell, *e.Result), e.Left.Round(time.Second))
}

// lookedLine describes the state after a round.
func lookedLine(e suite.Event) string {
	text := fmt.Sprintf("round %d", e.Round)
	if e.Look.Text != "" {
		text += ": " + e.Look.Text
	}
	return fmt.Sprintf("%s · at most %s left", text, e.Left.Round(time.Second))
}

// againLine describes why a trial is repeated.
func againLine(e suite.Event) string {
	return fmt.Sprintf("%s · %s · a window of %v is too short for its latency · again with %v", where(e), cellName(e.Cell), e.Cell.Window, e.Longer)
}

// where is how far the run is. How many steps a search takes, it does not know
// itself; nor does a run whose rounds are added as they are needed.
func where(e suite.Event) string {
	switch {
	case e.Rounds == 0:
		return fmt.Sprintf("round %d · trial %d", e.Round, e.Trial)
	case e.Trials == 0:
		return fmt.Sprintf("step %d · trial %d", e.Round, e.Trial)
	}
	return fmt.Sprintf("round %d/%d · trial %d/%d", e.Round, e.Rounds, e.Trial, e.Trials)
}

// trialText summarises the result of a trial.
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
