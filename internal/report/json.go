package report

import (
	"bytes"
	"encoding/json"

	"c1m/internal/plain"
	"c1m/internal/table"
)

// writeJSON writes the Table: raw numbers, every trial's besides, null for
// what is absent.
func writeJSON(out *bytes.Buffer, t table.Table, _ bool) error {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(t); err != nil {
		return err
	}
	out.Write(plain.JSON(text.Bytes()))
	return nil
}
