//go:build linux

package workload

import (
	"encoding/json"
	"strings"
)

// List is values without line breaks, separated by line breaks, so that workloads are
// comparable. Its JSON is an array.
type List string

// Values returns the values; nil if there are none.
func (l List) Values() []string {
	if l == "" {
		return nil
	}
	return strings.Split(string(l), "\n")
}

// with returns the list with another value.
func (l List) with(value string) List {
	if l == "" {
		return List(value)
	}
	return l + "\n" + List(value)
}

// MarshalJSON encodes an array.
func (l List) MarshalJSON() ([]byte, error) { return json.Marshal(l.Values()) }

// UnmarshalJSON decodes an array.
func (l *List) UnmarshalJSON(text []byte) error {
	var values []string
	if err := json.Unmarshal(text, &values); err != nil {
		return err
	}
	*l = List(strings.Join(values, "\n"))
	return nil
}
