package result

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Fields returns the set fields of a cell, as text, by their names in the run
// file: rate 20000, window 1s, server_cpus 0 1. Cells are matched and named by it,
// so that a new field distinguishes them without further code.
func (c Cell) Fields() map[string]string {
	var fields map[string]any
	text, err := json.Marshal(c)
	if err == nil {
		err = json.Unmarshal(text, &fields)
	}
	if err != nil { // such as a rate of NaN: matches no other cell
		return map[string]string{"cell": err.Error()}
	}
	words := make(map[string]string, len(fields))
	for name, v := range fields {
		switch v := v.(type) {
		case float64:
			if short, is := strings.CutSuffix(name, "_ns"); is {
				words[short] = time.Duration(v).String()
			} else {
				words[name] = fmt.Sprintf("%.15g", v)
			}
		default:
			words[name] = strings.Trim(fmt.Sprint(v), "[]")
		}
	}
	return words
}

// Mode returns the mode and variant of a cell of kind mode: its row without the
// suffix for the upgrade.
func (c Cell) Mode() string { return strings.TrimSuffix(c.Row, "+"+c.Upgrade) }

// serving are the names of the fields of a cell that say what serves it, and how
// that is addressed. All others are its load.
var serving = []string{"kind", "row", "command", "address", "metrics", "library", "version", "c", "upgrade", "ws_path", "ws_protocol", "header"}

// Load returns the Fields that describe the load of a cell. So does any that a later
// version adds.
func (c Cell) Load() map[string]string {
	fields := c.Fields()
	for _, name := range serving {
		delete(fields, name)
	}
	return fields
}

// LoadKey identifies the load of a cell. Rows with the same key are under the same
// load: they are what one compares, and measured next to each other in time.
func (c Cell) LoadKey() string {
	fields := c.Load()
	var key strings.Builder
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		fmt.Fprintf(&key, "%s=%q ", name, fields[name])
	}
	return key.String()
}
