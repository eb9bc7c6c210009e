//go:build linux

// Package conform holds servers to the contract, one after the other, and writes
// what was found as a table. It starts no server itself and has no clauses of its
// own.
package conform

import (
	"context"

	"c1m/internal/contract"
	"c1m/internal/proto"
)

// Subject is a server that is held to the contract.
type Subject struct {
	Name    string
	Command string // that starts it, or its address
	Library string // that it is written with, if known
	Version string // of Library
	Target  contract.Target
}

// Row is what was found of a subject.
type Row struct {
	Name    string            `json:"name"`
	Command string            `json:"command,omitempty"`
	Library string            `json:"library,omitempty"`
	Version string            `json:"version,omitempty"`
	Failure string            `json:"failure,omitempty"` // why it does not start, if so
	Results []contract.Result `json:"results"`           // in the order of the clauses; fewer if interrupted
}

// Report is what was found in one protocol.
type Report struct {
	Protocol proto.Protocol
	Clauses  []contract.Clause
	Rows     []Row
}

// Step is where a run is.
type Step struct {
	Name   string // the subject's
	Clause contract.Clause
	At, Of int // of all clauses of all subjects
}

// Run holds each subject to each clause. It stops when ctx is done, and returns
// what is known then. A subject that does not start the first time is not started
// again.
func Run(ctx context.Context, p proto.Protocol, clauses []contract.Clause, subjects []Subject, progress func(Step)) Report {
	r := Report{Protocol: p, Clauses: clauses}
	for i, subject := range subjects {
		if ctx.Err() != nil {
			break
		}
		row := Row{Name: subject.Name, Command: subject.Command, Library: subject.Library, Version: subject.Version}
		if row.Failure = starts(ctx, subject.Target); row.Failure == "" {
			for j, clause := range clauses {
				if ctx.Err() != nil {
					break
				}
				progress(Step{subject.Name, clause, i*len(clauses) + j, len(subjects) * len(clauses)})
				row.Results = append(row.Results, clause.Run(ctx, subject.Target))
			}
		}
		r.Rows = append(r.Rows, row)
	}
	return r
}

// starts returns why a subject does not start; empty if it does.
func starts(ctx context.Context, t contract.Target) string {
	server, err := t.Start(ctx, contract.Options{})
	if err != nil {
		return err.Error()
	}
	server.End()
	return ""
}

// Broken is how many results are broken, in all rows.
func (r Report) Broken() int { return r.count(contract.Broken) }

// Unknown is how many results are unknown, in all rows.
func (r Report) Unknown() int { return r.count(contract.Unknown) }

func (r Report) count(v contract.Verdict) int {
	n := 0
	for _, row := range r.Rows {
		for _, result := range row.Results {
			if result.Verdict == v {
				n++
			}
		}
	}
	return n
}

// Failed is how many servers did not start.
func (r Report) Failed() int {
	n := 0
	for _, row := range r.Rows {
		if row.Failure != "" {
			n++
		}
	}
	return n
}
