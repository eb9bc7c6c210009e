package result

import (
	"encoding/json"
	"fmt"
	"io"

	"c1m/internal/plain"
)

// Writer writes a run file as JSON Lines: the header first, then each trial when it
// ends, so that a crash loses at most the current trial. It is for one goroutine.
type Writer struct {
	w     io.Writer
	cells int
	sum   contents
	size  int   // bytes written
	err   error // the first failed write; later lines would follow half a line
}

// Create writes the header, with the current Schema, and returns the Writer for
// the trials.
func Create(w io.Writer, h Header) (*Writer, error) {
	h.Schema = Schema
	if err := h.validate(); err != nil {
		return nil, fmt.Errorf("run file: %w", err)
	}
	rw := &Writer{w: w, cells: len(h.Cells), sum: contents{most: maxHistograms}}
	if err := rw.line(h); err != nil {
		return nil, fmt.Errorf("run file: header: %w", err)
	}
	return rw, nil
}

// Append writes one trial with one call of Write, and packs its histograms, so that a
// caller can keep the trials of a long run. It refuses a trial that Read would refuse, such
// as one more than a file may have, and writes nothing then. After a failed write every
// Append returns that error.
func (w *Writer) Append(t Trial) error {
	if err := t.validate(w.cells); err != nil {
		return fmt.Errorf("run file: %w", err)
	}
	t.Load.Pack()
	sum := w.sum
	if err := sum.add(t); err != nil {
		return fmt.Errorf("run file: full: %w could not be read again", err)
	}
	w.sum = sum
	if err := w.line(t); err != nil {
		return fmt.Errorf("run file: round %d of cell %d: %w", t.Round, t.Cell, err)
	}
	return nil
}

func (w *Writer) line(v any) error {
	if w.err != nil {
		return w.err
	}
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	text = plain.JSON(text)
	if w.size += len(text) + 1; w.size > maxFile {
		w.err = fmt.Errorf("full: a file of more than %d MiB could not be read again", maxFile>>20)
		return w.err
	}
	n, err := w.w.Write(append(text, '\n'))
	if err == nil && n <= len(text) {
		err = io.ErrShortWrite
	}
	w.err = err
	return err
}

// validate checks the header's invariants.
func (h Header) validate() error {
	if len(h.Cells) > maxCells {
		return fmt.Errorf("%d cells: at most %d", len(h.Cells), maxCells)
	}
	for i, c := range h.Cells {
		if c.Row == "" {
			return fmt.Errorf("cell %d has no row", i)
		}
		if err := c.bounded(); err != nil {
			return fmt.Errorf("cell %d (%s): %w", i, plain.Line(c.Row), err)
		}
	}
	return h.validateConformance()
}

// validate checks the trial's invariants.
func (t Trial) validate(cells int) error {
	switch {
	case t.Round < 1:
		return fmt.Errorf("a trial has round %d: rounds count from 1", t.Round)
	case t.LastLook < 0 || t.LastLook > MaxTrials:
		return fmt.Errorf("a trial has the last look at %d blocks: want 0 to %d", t.LastLook, MaxTrials)
	case t.Cell < 0 || t.Cell >= cells:
		return fmt.Errorf("a trial is of cell %d, but the header lists %d cells (from 0)", t.Cell, cells)
	}
	if err := t.Load.bounded(); err != nil {
		return fmt.Errorf("the load: %w", err)
	}
	if t.Server != nil {
		if err := t.Server.Intervals.bounded(t.Load); err != nil {
			return fmt.Errorf("the server: %w", err)
		}
	}
	return nil
}
