package result

import (
	"encoding/json"
	"io"
)

// Skim is Read without distributions, which are most of a run file and most of
// the time that it takes: a history of a thousand runs is read for one number
// of each row. The latency, and no other histogram, is there if latency says so
// of the header. What is left out is not checked for damage.
func Skim(r io.Reader, name string, latency func(Header) bool) (Run, error) {
	return readBy(r, name, maxHistograms, func(h Header) decoder {
		if latency(h) {
			return decodeAs[withLatency]
		}
		return decodeAs[withoutHistograms]
	})
}

// decodeAs reads a line with a load and a server of other types, whose fields hide
// those of the replica and the server in them.
func decodeAs[L interface{ replica() *Replica }](text []byte) (*int, Trial, error) {
	var line struct {
		Schema *int `json:"c1m"`
		Trial
		Load   *L                `json:"load"`
		Server *withoutIntervals `json:"server"`
	}
	err := json.Unmarshal(text, &line)
	if line.Load != nil {
		line.Trial.Load = (*line.Load).replica()
	}
	if line.Server != nil {
		line.Trial.Server = &line.Server.Server
	}
	return line.Schema, line.Trial, err
}

// skipped is a field that is not decoded.
type skipped struct{}

func (*skipped) UnmarshalJSON([]byte) error { return nil }

// withLatency is a replica with one histogram.
type withLatency struct {
	Replica
	Connect   skipped `json:"connect"`
	Upgrade   skipped `json:"upgrade"`
	Raw       skipped `json:"raw"`
	Lateness  skipped `json:"lateness"`
	Reconnect skipped `json:"reconnect"`
	Shares    skipped `json:"shares"`
	Stages    skipped `json:"stages"`
	Intervals skipped `json:"intervals"`
}

func (l withLatency) replica() *Replica { return &l.Replica }

// withoutHistograms is a replica without any.
type withoutHistograms struct {
	withLatency
	Latency skipped `json:"latency"`
}

// withoutIntervals is a server without what it used in each interval.
type withoutIntervals struct {
	Server
	Intervals skipped `json:"intervals"`
}
