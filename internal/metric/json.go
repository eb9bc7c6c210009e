package metric

import (
	"bytes"
	"encoding/json"
)

// MarshalJSON encodes a sample with its metrics by key.
func (s Sample) MarshalJSON() ([]byte, error) {
	round := struct {
		Round int `json:"round"`
	}{s.Round}
	marks := struct {
		LowerBounds []Key `json:"lower_bounds,omitempty"`
		FewAbove    []Key `json:"few_above,omitempty"`
	}{keys(s.LowerBounds()), keys(s.FewAbove())}
	return Join(round, object(func(m Metric) any {
		if v := s.Number(m.Key); v != nil {
			return *v
		}
		return nil
	}), marks)
}

// JSON encodes the metrics of a row as a JSON object.
func (r Row) JSON() json.RawMessage {
	return object(func(m Metric) any {
		if v := r.Values[m.Key]; v != nil && !m.Over.Alone() {
			return *v
		}
		if v := m.Number(r); v != nil {
			return *v
		}
		return nil
	})
}

// object encodes the metrics that are taken from trials, in the table's order.
func object(get func(Metric) any) json.RawMessage {
	out := []byte("{")
	for _, m := range Table() {
		v := get(m)
		if m.Unlisted || m.Of == nil || v == nil && m.Sparse {
			continue
		}
		text, err := json.Marshal(v) // finite numbers
		if err != nil {
			panic(err)
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(out, `"`+string(m.Key)+`":`...)
		out = append(out, text...)
	}
	return append(out, '}')
}

// Join encodes several values as one JSON object with the fields of all.
func Join(parts ...any) ([]byte, error) {
	out := []byte("{")
	for _, part := range parts {
		var text bytes.Buffer
		e := json.NewEncoder(&text)
		e.SetEscapeHTML(false)
		if err := e.Encode(part); err != nil {
			return nil, err
		}
		fields := bytes.TrimSpace(text.Bytes())
		fields = fields[1 : len(fields)-1]
		if len(out) > 1 && len(fields) > 0 {
			out = append(out, ',')
		}
		out = append(out, fields...)
	}
	return append(out, '}'), nil
}

func keys(list []Metric) []Key {
	var all []Key
	for _, m := range list {
		all = append(all, m.Key)
	}
	return all
}
