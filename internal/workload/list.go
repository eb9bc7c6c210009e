//go:build linux

package workload

import (
	"encoding/json"
	"strings"
)

// List is values without line breaks, each on a line of its own, so that two
// workloads can be compared. Its JSON is an array.
type List string

// Values are the values; nil if there are none.
func (l List) Values() []string {
	if l == "" {
		return nil
	}
	return strings.Split(string(l), "\n")
}

// with is the list with one value more.
func (l List) with(value string) List {
	if l == "" {
		return List(value)
	}
	return l + "\n" + List(value)
}

// MarshalJSON writes an array.
func (l List) MarshalJSON() ([]byte, error) { return json.Marshal(l.Values()) }

// UnmarshalJSON reads one.
func (l *List) UnmarshalJSON(text []byte) error {
	var values []string
	if err := json.Unmarshal(text, &values); err != nil {
		return err
	}
	*l = List(strings.Join(values, "\n"))
	return nil
}
