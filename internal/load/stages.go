//go:build linux

package load

import (
	"time"

	"c1m/internal/hist"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// staged is an open loop whose rate changes with time: it follows stages, which last as
// long as the window. During the warm-up the rate is that at which the first stage begins.
type staged struct {
	openLoop
	passed int   // stages that have ended
	asked  int64 // requests due in them
	lost   int64 // errors until they ended
}

func newStaged(l *loop, cfg *Config) *staged {
	s := &staged{openLoop: *newOpenLoopOn(l, cfg, func() schedule { return newStagedSchedule(cfg, l.number) })}
	s.stages = newStageTallies(cfg.Stages.List())
	return s
}

// newStagedSchedule returns the schedule of loop i of cfg. The loops of all replicas, n
// together, share one curve, and each has every n-th of its requests: the times do not
// depend on n.
func newStagedSchedule(cfg *Config, i int) schedule {
	stages := cfg.Stages.List()
	if rate := stages[0].From; cfg.Warmup > 0 {
		stages = append([]workload.Stage{{Length: cfg.Warmup, From: rate, To: rate}}, stages...)
	}
	curve, replicas := workload.NewCurve(stages...), max(1, cfg.Replicas)
	if cfg.Arrivals == workload.Poisson {
		return random(curve, draws(cfg, i), cfg.Loops*replicas)
	}
	whole := Config{Timing: workload.Timing{Seed: cfg.Seed}} // the shift is the same in every replica
	return even(curve, draws(&whole, 0).Float64(), i*replicas+cfg.Replica, cfg.Loops*replicas)
}

func (s *staged) due(now time.Duration) time.Duration {
	return min(s.pass(now), s.openLoop.due(now))
}

func (s *staged) replied(slot uint32, c *conn, now time.Duration) {
	s.pass(now)
	s.openLoop.replied(slot, c, now)
}

// pass records the backlog of each stage that has ended, and returns how long it is until
// the next one ends.
func (s *staged) pass(now time.Duration) time.Duration {
	opened, closed := s.l.plan.window()
	if opened == unknown {
		return patrolEvery
	}
	for s.passed < len(s.stages)-1 {
		end := opened + s.stages[s.passed].end
		if now < end {
			return end - now
		}
		s.backlog.look(end, now, opened, closed)
		s.leave()
	}
	return patrolEvery
}

// leave records the end of a stage.
func (s *staged) leave() {
	counts, due, lost := &s.stages[s.passed].counts, s.backlog.due, s.l.tally.lost()
	counts.Due, counts.Errors = due-s.asked, lost-s.lost
	counts.Backlog = s.backlog.length()
	s.passed, s.asked, s.lost = s.passed+1, due, lost
}

// edge ends the last stage with the window.
func (s *staged) edge(e edge, now time.Duration) {
	if e == closing {
		s.pass(now)
	}
	s.openLoop.edge(e, now)
	if e == opening {
		s.lost = s.l.tally.lost()
	} else if s.passed < len(s.stages) {
		s.leave()
	}
}

// addTo adds the stages. Errors after the window belong to the last one.
func (s *staged) addTo(r *result.Replica) error {
	last := &s.stages[len(s.stages)-1].counts
	last.Errors += s.l.tally.lost() - s.lost
	if r.Stages == nil {
		r.Stages = make(result.StageList, len(s.stages))
	}
	for i, tally := range s.stages {
		one := tally.counts
		tally.unanswered.addTo(&one.Unanswered, &one.UnansweredFrom)
		if err := r.Stages[i].Add(one); err != nil {
			return err
		}
	}
	return s.openLoop.addTo(r)
}

// stageTallies are the counts of each stage. Without stages its methods do nothing.
type stageTallies []stageTally

type stageTally struct {
	end        time.Duration // since the window opened
	counts     result.Stage
	unanswered censored
}

func newStageTallies(stages []workload.Stage) stageTallies {
	list := make(stageTallies, len(stages))
	var end time.Duration
	for i, s := range stages {
		end += s.Length
		list[i] = stageTally{end: end, counts: result.Stage{Latency: hist.New()}}
	}
	return list
}

// at returns the stage at a time since the window opened; nil without stages.
func (s stageTallies) at(at time.Duration) *stageTally {
	for i := range s {
		if at < s[i].end || i == len(s)-1 {
			return &s[i]
		}
	}
	return nil
}

// replied counts an operation in the stage in which it came.
func (s stageTallies) replied(at time.Duration) {
	if stage := s.at(at); stage != nil {
		stage.counts.Operations++
	}
}

// record adds a latency to the stage in which its request was due.
func (s stageTallies) record(due, latency time.Duration, unanswered bool) {
	stage := s.at(due)
	if stage == nil {
		return
	}
	stage.counts.Latency.Record(int64(latency))
	if unanswered {
		stage.unanswered.add(latency)
	}
}
