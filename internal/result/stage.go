package result

import (
	"encoding/json"
	"fmt"
	"time"

	"c1m/internal/hist"
	"c1m/internal/workload"
)

// Stage is the result of one stage of a load (workload.Stages). Merged: counts are summed.
type Stage struct {
	Due        int64 `json:"due"`        // requests that were due in it
	Operations int64 `json:"operations"` // round trips whose reply came in it
	Backlog    int64 `json:"backlog"`    // requests due and not yet sent when it ended

	// Errors during the stage. Those after the window belong to the last stage.
	Errors int64 `json:"errors,omitempty"`

	// Latency is that of the requests due in it, from when each was due, ns. Unanswered
	// of them are recorded at their age; UnansweredFrom is the least of these ages.
	Latency        *hist.Histogram `json:"latency"`
	Unanswered     int64           `json:"unanswered,omitempty"`
	UnansweredFrom time.Duration   `json:"unanswered_from_ns,omitempty"`
}

// Add adds the result of another part of the load in the same stage.
func (s *Stage) Add(other Stage) error {
	s.UnansweredFrom = leastOf(s.Unanswered, s.UnansweredFrom, other.Unanswered, other.UnansweredFrom)
	s.Due += other.Due
	s.Operations += other.Operations
	s.Backlog += other.Backlog
	s.Errors += other.Errors
	s.Unanswered += other.Unanswered
	return mergeInto(&s.Latency, other.Latency)
}

// StageList is the stages of one load.
type StageList []Stage

// UnmarshalJSON refuses too many stages before it allocates a histogram.
func (l *StageList) UnmarshalJSON(text []byte) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil {
		return err
	}
	if n := len(parts); n > workload.MaxStages {
		return fmt.Errorf("%d stages: at most %d", n, workload.MaxStages)
	}
	*l = make(StageList, len(parts))
	for i, part := range parts {
		if err := json.Unmarshal(part, &(*l)[i]); err != nil {
			return fmt.Errorf("stage %d: %w", i+1, err)
		}
	}
	return nil
}

func (sum *Replica) addStages(stages StageList) error {
	for i, s := range stages {
		if err := sum.Stages[i].Add(s); err != nil {
			return fmt.Errorf("stage %d: %w", i+1, err)
		}
	}
	return nil
}

// bounded returns an error for an impossible count.
func (l StageList) bounded() error {
	for i, s := range l {
		if err := bounded(s); err != nil {
			return fmt.Errorf("stage %d: %w", i+1, err)
		}
	}
	return nil
}
