//go:build linux

package cli

import (
	"context"
	"fmt"

	"c1m/internal/report"
	"c1m/internal/result"
	"c1m/internal/suite"
)

// conclude prints what there is and says what it is worth.
func conclude(ctx context.Context, cfg runConfig, run result.Run, ended error, left int, s streams) error {
	outcome := suite.OutcomeOf(run)
	if outcome.Complete > 0 {
		out, o := onTerminal(s.out, cfg.report)
		if err := report.Write(out, run, o); err != nil {
			return noAnswerf("%w", err)
		}
	}
	switch {
	case ctx.Err() != nil && (cfg.search || cfg.precision != nil):
		return noAnswerf("interrupted: %s", complete(outcome.Complete))
	case ctx.Err() != nil:
		return noAnswerf("interrupted: %d of %d trials are complete", outcome.Complete, outcome.Planned)
	case ended != nil:
		return noAnswerf("%w", ended)
	case outcome.Complete == 0:
		return noAnswerf("no trial is complete: %s", outcome.Failure)
	case cfg.search:
		return concludeSearch(run, left, cfg)
	case outcome.Failed > 0:
		return noAnswerf("%d of %d trials gave no measurement: %s", outcome.Failed, outcome.Planned, outcome.Failure)
	}
	if err := cfg.missing(left); err != nil {
		return err
	}
	if cfg.precision != nil {
		if err := cfg.precision.missed(run, cfg.limit); err != nil {
			return err
		}
	}
	if outcome.Checks > 0 {
		return silent(exitNo) // the table says which
	}
	return nil
}

// missing returns an error if rows or cells that were asked for were skipped; left is the
// number of cells this machine cannot run.
func (cfg runConfig) missing(left int) error {
	if left > 0 && cfg.chosen {
		return noAnswerf("this machine cannot run %d of the requested cells; see bench doctor", left)
	}
	return cfg.peers.missed()
}

// concludeSearch says what searches that ran to their end are worth.
func concludeSearch(run result.Run, left int, cfg runConfig) error {
	outcome := suite.SearchesOf(run)
	switch {
	case outcome.Unanswered > 0:
		return noAnswerf("%d of %s without an answer: %s", outcome.Unanswered, searches(len(run.Header.Cells)), outcome.Failure)
	}
	if err := cfg.missing(left); err != nil {
		return err
	}
	if outcome.Nothing > 0 {
		return silent(exitNo) // the table says which
	}
	return nil
}

// complete says how many trials are: how many there would have been, a search
// does not know.
func complete(n int) string {
	if n == 1 {
		return "1 trial is complete"
	}
	return fmt.Sprintf("%d trials are complete", n)
}

// searches is a number of searches.
func searches(n int) string {
	if n == 1 {
		return "1 search"
	}
	return fmt.Sprintf("%d searches", n)
}
