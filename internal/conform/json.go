//go:build linux

package conform

import (
	"bytes"
	"encoding/json"

	"c1m/internal/contract"
	"c1m/internal/plain"
)

// Version is of the JSON format. A reader refuses any other.
const Version = 1

// document is the JSON form of what was found.
type document struct {
	Version   int        `json:"c1m_conform"`
	Program   string     `json:"program"`
	Protocols []protocol `json:"protocols"`
}

type protocol struct {
	Protocol string   `json:"protocol"`
	Clauses  []clause `json:"clauses"`
	Servers  []Row    `json:"servers"`
}

type clause struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// AppendJSON appends reports as one JSON document. program names what has made
// them, with its version.
func AppendJSON(out *bytes.Buffer, program string, reports []Report) error {
	d := document{Version: Version, Program: program, Protocols: []protocol{}}
	for _, r := range reports {
		p := protocol{Protocol: string(r.Protocol), Clauses: []clause{}, Servers: r.Rows}
		for _, c := range r.Clauses {
			p.Clauses = append(p.Clauses, clause{c.ID, c.Title})
		}
		for i := range p.Servers {
			if p.Servers[i].Results == nil {
				p.Servers[i].Results = []contract.Result{}
			}
		}
		d.Protocols = append(d.Protocols, p)
	}
	text, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return err
	}
	out.Write(plain.JSON(text))
	out.WriteByte('\n')
	return nil
}
