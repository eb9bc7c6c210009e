package report

import (
	"fmt"

	"c1m/internal/format"
	"c1m/internal/plain"
	"c1m/internal/table"
)

// disturbedNote says that ceilings were disturbed, in a run of so many rounds.
func disturbedNote(d table.Disturbed, rounds int) string {
	return fmt.Sprintf("%s ceiling: disturbed in %s: %s round trips/s, while %s with %s had %s (limit: no row above it); its share is left out there; fix: run on a machine with nothing else to do",
		warningMark, often(d.Rounds, rounds, d.First), format.Number(d.Ceiling), plain.Line(d.Row), connections(d.Conns), format.Number(d.Ops))
}
