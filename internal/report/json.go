package report

import (
	"bytes"
	"encoding/json"
)

// writeJSON writes the Table: raw numbers, every trial's besides, null for
// what is absent.
func writeJSON(out *bytes.Buffer, t Table, _ bool) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(t)
}
