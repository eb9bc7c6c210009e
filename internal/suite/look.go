//go:build linux

package suite

import (
	"slices"

	"c1m/internal/result"
)

// Look is what is known after a round of a run whose number of rounds is open.
type Look struct {
	Settled []bool // of each cell: it needs no more trials; nil: every cell does
	Rounds  int    // about how many rounds it takes in all; 0: unknown
	Text    string // how near the answer is, for the progress

	LastLook int // the number of blocks of the last planned look; 0: none is planned
}

// settled reports whether a cell needs no more trials.
func (l Look) settled(cell int) bool { return cell < len(l.Settled) && l.Settled[cell] }

// look asks what is known after a round, and tells it. It reports whether no cell
// but the ceiling's needs more trials.
func (r *rounds) look(round int) (over bool) {
	look := r.Look(round)
	look.Settled = r.withoutBases(look)
	over = true
	for i, cell := range r.Header.Cells {
		r.done[i] = r.done[i] || look.settled(i)
		over = over && (r.done[i] || cell.Kind == result.KindCeiling)
	}
	r.mu.Lock()
	r.at.Look = look
	r.left.looked(round, look)
	if over {
		clear(r.left.left)
	}
	r.mu.Unlock()
	r.tell(Event{Phase: Looked})
	return over
}

// withoutBases returns which cells need no more trials, without those whose
// throughput others still need for their rates.
func (r *rounds) withoutBases(look Look) []bool {
	settled := slices.Clone(look.Settled)
	for i, base := range r.bases {
		if base != none && base < len(settled) && !r.done[i] && !look.settled(i) {
			settled[base] = false
		}
	}
	return settled
}
