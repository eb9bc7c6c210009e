package result

import (
	"fmt"
	"slices"
	"time"

	"c1m/internal/proto"
)

// Conformance is what bench conform had found of a row's server before the run: of the
// same command or address, or of the same build of a peer.
type Conformance struct {
	Row      string         `json:"row"`
	Protocol proto.Protocol `json:"proto"`
	Checked  time.Time      `json:"checked,omitzero"` // when a clause was last tried; zero: never
	Clauses  int            `json:"clauses"`          // that apply to Protocol
	Kept     int            `json:"kept"`             // of Clauses
	Skipped  int            `json:"skipped"`          // of Clauses
	Broken   []string       `json:"broken,omitempty"` // the ids of those that were broken
}

// Untried returns how many clauses were never tried, or not judged when they were.
func (c Conformance) Untried() int {
	return max(0, c.Clauses-c.Kept-c.Skipped-len(c.Broken))
}

// ConformanceOf returns what was found of a cell's server; nil if the run does not say.
func (h Header) ConformanceOf(c Cell) *Conformance {
	i := slices.IndexFunc(h.Conformance, func(f Conformance) bool { return f.Row == c.Row && f.Protocol == c.Protocol })
	if i < 0 {
		return nil
	}
	return &h.Conformance[i]
}

// validateConformance refuses impossible numbers.
func (h Header) validateConformance() error {
	if len(h.Conformance) > maxCells {
		return fmt.Errorf("conformance of %d rows: at most %d", len(h.Conformance), maxCells)
	}
	for i, c := range h.Conformance {
		if err := bounded(c); err != nil {
			return fmt.Errorf("conformance %d: %w", i, err)
		}
	}
	return nil
}
