//go:build linux

package exposition

import (
	"os"
	"strings"
	"testing"
	"time"

	"c1m/internal/engine"
	"c1m/internal/hist"
	"c1m/internal/result"
	"c1m/internal/suite"
	"c1m/internal/workload"
)

// measured is a trial of a second at 100 requests per second.
func measured(latency time.Duration, errors map[string]int64) *result.Trial {
	h, late := hist.New(), hist.New()
	for range 100 {
		h.Record(int64(latency))
		late.Record(10_000)
	}
	memory := int64(4096)
	return &result.Trial{
		Load: &result.Replica{
			Operations: 100, Bytes: 800, Window: time.Second, Latency: h, Errors: errors,
			Lateness: late, Due: 101, BacklogClosed: 1,
		},
		Server: &result.Server{CPU: 250 * time.Millisecond, Wall: time.Second, User: &memory},
	}
}

// server is one in a container, or with a process here.
type server struct {
	engine.Server
	pid  int
	uses []result.Use
}

func (s server) PID() int           { return s.pid }
func (s server) Uses() []result.Use { return s.uses }

func TestRun(t *testing.T) {
	cell := result.Cell{Row: "epoll", Workload: workload.Workload{Conns: 10, Rate: 100}}
	run := NewRun(func(c result.Cell) string { return c.Label() })
	run.Begin(result.Header{Run: "R", Engine: "local"})
	source := run.Source()
	text, _ := scrape(t, "text/plain", source)
	wants(t, text, `c1m_run_info{engine="local",run="R"} 1`, "c1m_run_round 0", "c1m_run_replies_total 0")
	for _, absent := range []string{"c1m_run_trial_info{", "c1m_run_planned_rounds ", "c1m_run_server_processes ", "c1m_run_trials_total{"} {
		if strings.Contains(text, absent) {
			t.Errorf("%s before the first trial:\n%s", absent, text)
		}
	}

	at := suite.Event{Round: 1, Rounds: 2, Trial: 1, Trials: 4, Cell: cell, Left: 3 * time.Second}
	tell := func(p suite.Phase, r *result.Trial) {
		e := at
		e.Phase, e.Result = p, r
		run.Observe(e)
	}
	tell(suite.Starting, nil)
	run.Server(server{pid: os.Getpid()})
	tell(suite.Measuring, nil)
	run.Counts(10, result.Loaded{Replies: 50, InFlight: 9, Waiting: 2, Errors: 1})
	text, _ = scrape(t, "text/plain", source)
	wants(t, text,
		`c1m_run_trial_info{connections="10",load="100/s",phase="measuring",round="1",row="epoll"} 1`,
		"c1m_run_round 1", "c1m_run_trial 1", "c1m_run_planned_rounds 2", "c1m_run_planned_trials 4", "c1m_run_left_seconds 3",
		"c1m_run_open_connections 10", "c1m_run_replies_total 50", "c1m_run_reported_errors_total 1",
		"c1m_run_in_flight_requests 9", "c1m_run_waiting_requests 2",
		"c1m_run_harness_processes 1",
	)
	if strings.Contains(text, "c1m_run_server_messages_total ") || !strings.Contains(text, "\nc1m_run_server_memory_bytes ") {
		t.Errorf("a server whose process is here:\n%s", text)
	}

	run.Server(nil)
	tell(suite.Done, measured(3*time.Millisecond, map[string]int64{"reset": 2}))
	at.Trial = 2
	tell(suite.Starting, nil)
	memory := int64(5000)
	run.Server(server{uses: []result.Use{
		{User: &memory},
		{Counts: result.Counts{Accepted: 10, Open: 9, Messages: 8}, Processes: 3, CPU: 2 * time.Second},
	}})
	run.Counts(10, result.Loaded{Replies: 7})
	text, _ = scrape(t, "text/plain", source)
	wants(t, text,
		"c1m_run_replies_total 57", // a counter never falls
		"c1m_run_server_processes 3", "c1m_run_server_cpu_seconds_total 2", "c1m_run_server_memory_bytes 5000",
		"c1m_run_server_accepted_connections_total 10", "c1m_run_server_open_connections 9", "c1m_run_server_messages_total 8",
		`c1m_run_trials_total{connections="10",load="100/s",outcome="measured",row="epoll"} 1`,
		`c1m_run_round_trips_total{connections="10",load="100/s",row="epoll"} 100`,
		`c1m_run_window_seconds_total{connections="10",load="100/s",row="epoll"} 1`,
		`c1m_run_received_bytes_total{connections="10",load="100/s",row="epoll"} 800`,
		`c1m_run_errors_total{connections="10",kind="reset",load="100/s",row="epoll"} 2`,
		`c1m_run_due_requests_total{connections="10",load="100/s",row="epoll"} 101`,
		`c1m_run_backlog_requests{connections="10",load="100/s",row="epoll"} 1`,
		`c1m_run_window_server_cpu_seconds_total{connections="10",load="100/s",row="epoll"} 0.25`,
		`c1m_run_window_server_seconds_total{connections="10",load="100/s",row="epoll"} 1`,
		`c1m_run_connections_memory_bytes{connections="10",load="100/s",row="epoll"} 4096`,
		`c1m_run_latency_seconds_bucket{connections="10",load="100/s",row="epoll",le="0.002"} 0`,
		`c1m_run_latency_seconds_count{connections="10",load="100/s",row="epoll"} 100`,
		`c1m_run_lateness_seconds_count{connections="10",load="100/s",row="epoll"} 100`,
	)

	failed := measured(time.Millisecond, nil)
	failed.Checks = []result.Check{{Name: "errors", Verdict: result.Failed}}
	tell(suite.Done, failed)
	tell(suite.Starting, nil)
	tell(suite.Done, &result.Trial{Failure: "the server did not start"})
	tell(suite.Over, nil)
	text, _ = scrape(t, "text/plain", source)
	wants(t, text,
		`c1m_run_trials_total{connections="10",load="100/s",outcome="measured",row="epoll"} 1`,
		`c1m_run_trials_total{connections="10",load="100/s",outcome="check failed",row="epoll"} 1`,
		`c1m_run_trials_total{connections="10",load="100/s",outcome="no measurement",row="epoll"} 1`,
		`c1m_run_latency_seconds_count{connections="10",load="100/s",row="epoll"} 200`,
		"c1m_run_replies_total 57",
	)
	if strings.Contains(text, "c1m_run_trial_info{") {
		t.Errorf("a trial after the last:\n%s", text)
	}
}
