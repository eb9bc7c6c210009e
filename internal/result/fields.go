package result

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Fields are the fields of a cell that are set, by their names in the run
// file, in words: rate 20000, window 1s, server_cpus 0 1. So a field that is
// added later tells cells apart wherever they are matched or named.
func (c Cell) Fields() map[string]string {
	var fields map[string]any
	text, err := json.Marshal(c)
	if err == nil {
		err = json.Unmarshal(text, &fields)
	}
	if err != nil { // a rate that is no number: nothing matches it
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

// Mode is what serves a cell of kind mode: its row, less how it upgrades.
func (c Cell) Mode() string { return strings.TrimSuffix(c.Row, "+"+c.Upgrade) }
