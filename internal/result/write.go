package result

import (
	"encoding/json"
	"fmt"
	"io"

	"c1m/internal/plain"
)

// Writer writes a run file: JSON Lines, the header first, then each trial
// when it ends, so that a crash loses at most the last. It is for one
// goroutine.
type Writer struct {
	w     io.Writer
	cells int
	err   error // the first failed write: what follows it would be glued to half a line
}

// Create writes the header and returns the Writer for the trials. It sets
// the header's Schema to the one this program writes.
func Create(w io.Writer, h Header) (*Writer, error) {
	h.Schema = Schema
	if err := h.validate(); err != nil {
		return nil, fmt.Errorf("run file: %w", err)
	}
	rw := &Writer{w: w, cells: len(h.Cells)}
	if err := rw.line(h); err != nil {
		return nil, fmt.Errorf("run file: header: %w", err)
	}
	return rw, nil
}

// Append writes one trial, in one Write. A trial that Read would refuse is
// refused here, and nothing is written. After a failed write every Append
// returns that failure.
func (w *Writer) Append(t Trial) error {
	if err := t.validate(w.cells); err != nil {
		return fmt.Errorf("run file: %w", err)
	}
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
	n, err := w.w.Write(append(text, '\n'))
	if err == nil && n <= len(text) {
		err = io.ErrShortWrite
	}
	w.err = err
	return err
}

// validate checks what a reader of the header relies on.
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
	return nil
}

// validate checks what a reader of the trial relies on.
func (t Trial) validate(cells int) error {
	switch {
	case t.Round < 1:
		return fmt.Errorf("a trial has round %d: rounds count from 1", t.Round)
	case t.Cell < 0 || t.Cell >= cells:
		return fmt.Errorf("a trial is of cell %d, but the header lists %d cells (from 0)", t.Cell, cells)
	}
	if err := t.Load.bounded(); err != nil {
		return fmt.Errorf("the load: %w", err)
	}
	return nil
}
