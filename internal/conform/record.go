//go:build linux

package conform

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"c1m/internal/contract"
	"c1m/internal/plain"
	"c1m/internal/proto"
	"c1m/internal/result"
)

// Server identifies a server, wherever it is started. A peer is known by its build, another
// server by its command or address.
type Server struct {
	Command string `json:"command,omitempty"` // with {addr} or {port}
	Address string `json:"address,omitempty"` // HOST:PORT of one that runs already

	Peer    string `json:"peer,omitempty"`
	Library string `json:"library,omitempty"` // of Peer
	Version string `json:"version,omitempty"` // of Library
	Key     string `json:"key,omitempty"`     // of what Peer is built from
}

// RecordVersion is of the JSON of a Record. A reader refuses any other.
const RecordVersion = 1

// Record is the last that was found of each clause of a server, so that a later run of the
// same server can say it.
type Record struct {
	Version  int            `json:"c1m_conform_record"`
	Server   Server         `json:"server"`
	Protocol proto.Protocol `json:"protocol"`
	Outcomes []Outcome      `json:"outcomes"`
}

// Outcome is what was found of a clause.
type Outcome struct {
	Clause  string           `json:"clause"`
	Verdict contract.Verdict `json:"verdict"`
	At      time.Time        `json:"at"`
}

// File is the name of the file in which the record of a server is kept.
func (s Server) File(p proto.Protocol) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // cannot fail: the fields are strings
	}
	return fmt.Sprintf("%s-%.16x.json", p, sha256.Sum256(text))
}

// NewRecord returns a record of a server of which nothing is known.
func NewRecord(s Server, p proto.Protocol) Record {
	return Record{Version: RecordVersion, Server: s, Protocol: p}
}

// Add adds what a run has found: for each clause the newest counts. A clause that could not
// be judged leaves what was known before.
func (r *Record) Add(results []contract.Result, at time.Time) {
	for _, found := range results {
		if found.Verdict == contract.Unknown {
			continue
		}
		outcome := Outcome{found.Clause, found.Verdict, at.UTC().Round(time.Second)}
		if i := slices.IndexFunc(r.Outcomes, func(o Outcome) bool { return o.Clause == found.Clause }); i >= 0 {
			r.Outcomes[i] = outcome
		} else {
			r.Outcomes = append(r.Outcomes, outcome)
		}
	}
}

// Text is the record as JSON, as ReadRecord reads it.
func (r Record) Text() ([]byte, error) { return plain.Document(r) }

// Bounds of what is read, far above what is written.
const (
	maxRecord   = 1 << 20 // bytes
	maxOutcomes = 1000
)

// ReadRecord reads the record of a server in a protocol. It refuses another's.
func ReadRecord(from io.Reader, s Server, p proto.Protocol) (Record, error) {
	text, err := io.ReadAll(io.LimitReader(from, maxRecord+1))
	if err != nil {
		return Record{}, err
	}
	if len(text) > maxRecord {
		return Record{}, fmt.Errorf("more than %d bytes", maxRecord)
	}
	var version struct {
		Version int `json:"c1m_conform_record"`
	}
	if err := json.Unmarshal(text, &version); err != nil {
		return Record{}, fmt.Errorf("not a result of bench conform: %w", err)
	}
	if version.Version != RecordVersion {
		return Record{}, fmt.Errorf("has version %d, and this program reads version %d", version.Version, RecordVersion)
	}
	var r Record
	if err := json.Unmarshal(text, &r); err != nil {
		return Record{}, err
	}
	switch {
	case r.Server != s || r.Protocol != p:
		return Record{}, errors.New("is of another server")
	case len(r.Outcomes) > maxOutcomes:
		return Record{}, fmt.Errorf("%d outcomes: at most %d", len(r.Outcomes), maxOutcomes)
	}
	for _, o := range r.Outcomes {
		if !slices.Contains([]contract.Verdict{contract.Kept, contract.Broken, contract.Skipped}, o.Verdict) {
			return Record{}, fmt.Errorf("clause %s: unknown verdict %q", plain.Line(o.Clause), o.Verdict)
		}
	}
	return r, nil
}

// Conformance is the record as a run file has it. Clauses that this program does not have
// are left out.
func (r Record) Conformance(row string) result.Conformance {
	c := result.Conformance{Row: row, Protocol: r.Protocol}
	for _, clause := range contract.For(r.Protocol) {
		c.Clauses++
		i := slices.IndexFunc(r.Outcomes, func(o Outcome) bool { return o.Clause == clause.ID })
		if i < 0 {
			continue
		}
		if at := r.Outcomes[i].At; at.After(c.Checked) {
			c.Checked = at
		}
		switch r.Outcomes[i].Verdict {
		case contract.Kept:
			c.Kept++
		case contract.Broken:
			c.Broken = append(c.Broken, clause.ID)
		case contract.Skipped:
			c.Skipped++
		}
	}
	return c
}
