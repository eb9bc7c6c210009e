package report

import (
	"bytes"

	"c1m/internal/plain"
	"c1m/internal/table"
)

// writeJSON writes the Table: raw numbers, every trial's besides, null for
// what is absent.
func writeJSON(out *bytes.Buffer, t table.Table) error {
	text, err := plain.Document(t)
	out.Write(text)
	return err
}
