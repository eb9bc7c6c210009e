package check

import (
	"slices"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"c1m/internal/hist"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// gone is a trial of four connections that the server ended or never served.
func gone(change func(*result.Cell, *result.Replica)) (result.Cell, result.Replica) {
	cell := result.Cell{Workload: workload.Workload{Conns: 4}}
	load := result.Replica{
		Replicas: 1, Workload: workload.Workload{Conns: 4, Protocol: "echo"},
		Window: time.Second, Skew: time.Second, Latency: hist.New(), Slices: make([]int64, 10), Samples: 10,
	}
	change(&cell, &load)
	return cell, load
}

// The only check that is news is the cause, and its fix says what was seen.
func TestCauses(t *testing.T) {
	failed := func(kind string, f result.Fault) func(*result.Cell, *result.Replica) {
		return func(_ *result.Cell, l *result.Replica) {
			l.Errors = map[string]int64{kind: f.Connections}
			l.Faults = map[string]result.Fault{kind: f}
			l.Answered = 4
			if f.Most == 0 {
				l.Answered = 0
			}
		}
	}
	for name, tt := range map[string]struct {
		change     func(*result.Cell, *result.Replica)
		cause      string
		value, fix string
	}{
		"closes after 100": {failed(result.ErrorClosed, result.Fault{Connections: 4, Least: 100, Most: 100}), "errors",
			"4 closed after 100 replies each", "raise the server's limit of requests per connection: it closed 4 connections after 100 replies each"},
		"closes after 1": {failed(result.ErrorClosed, result.Fault{Connections: 4, Least: 1, Most: 1}), "errors", "4 closed after 1 reply each", ""},
		"breaks after some": {failed(result.ErrorReset, result.Fault{Connections: 4, Least: 3, Most: 80}), "errors",
			"4 reset after 3 to 80 replies", "see the server's log: it closed 4 connections after 3 to 80 replies"},
		"hangs up": {failed(result.ErrorClosed, result.Fault{Connections: 4}), "errors",
			"4 closed before a reply", "check that the server at that address speaks -proto echo: it closed 4 connections before a reply"},
		"tires of idle ones": {failed(result.ErrorClosed, result.Fault{Connections: 4, Idle: 4}), "errors", "4 closed", "raise the server's idle timeout"},
		"speaks first": {failed(result.ErrorUnasked, result.Fault{Connections: 4, Idle: 4, Detail: `"220 hello\r\n"`}), "errors",
			"4 unasked bytes before a reply", `this one speaks first ("220 hello\r\n")`},
		"speaks another protocol": {failed(result.ErrorWrong, result.Fault{Connections: 4, Detail: `"HTTP/1.1 400"`}), "errors",
			"4 wrong bytes", `its first reply differs ("HTTP/1.1 400")`},
		"is at another path": {failed(result.ErrorUpgrade, result.Fault{Connections: 4, Detail: "HTTP/1.1 404 Not Found"}), "errors",
			"4 upgrade before a reply", "set -ws-path to the path of its WebSockets: the server refused the upgrade (HTTP/1.1 404 Not Found)"},
		"redirects": {failed(result.ErrorUpgrade, result.Fault{Connections: 4, Detail: `HTTP/1.1 301 Moved Permanently, a redirect to "/chat"`}), "errors",
			"4 upgrade", `that it redirects to: the server refused the upgrade (HTTP/1.1 301 Moved Permanently, a redirect to "/chat")`},
		"is mute": {func(_ *result.Cell, l *result.Replica) { l.Connected, l.Kept, l.Silent, l.Outstanding = 4, 4, 4, 4 }, "active",
			"0 of 4, none ever answered", "accepted connections and requests, and sent nothing"},
		"is mute until the timeout": {failed(result.ErrorTimeout, result.Fault{Connections: 4}), "errors", "4 timeout before a reply", "sent nothing"},
		"is mute on a schedule": {func(c *result.Cell, l *result.Replica) {
			l.Connected, l.Kept, l.Outstanding, l.Workload.Rate, l.Due, l.BacklogClosed = 4, 4, 4, 100, 100, 96
			l.Lateness = latencies(time.Microsecond)
		}, "active", "none ever answered", "sent nothing"},
		"is slower than the window": {func(_ *result.Cell, l *result.Replica) {
			l.Connected, l.Kept, l.Outstanding, l.Answered, l.Oldest = 4, 4, 4, 4, 4*time.Second
		}, "window", "no operations", "-d 15s"},
		"closes half": {func(c *result.Cell, l *result.Replica) {
			*c, *l = good()
			l.Kept, l.Connected, l.Active, l.Outstanding, l.Operations = 500, 500, 500, 500, 5000
			failed(result.ErrorClosed, result.Fault{Connections: 500, Least: 100, Most: 100})(c, l)
		}, "errors", "500 closed after 100 replies each", "raise the server's limit"},
		"answers half": {func(c *result.Cell, l *result.Replica) {
			*c, *l = good()
			l.Silent, l.Answered, l.Active, l.Operations = 500, 500, 500, 5000
		}, "active", "500 without a reply", "leaves connections unanswered"},
		"keeps half waiting": {func(c *result.Cell, l *result.Replica) {
			*c, *l = good()
			l.Active, l.Operations = 500, 5000
			failed(result.ErrorTimeout, result.Fault{Connections: 500, Least: 1, Most: 1})(c, l)
		}, "errors", "500 timeout after 1 reply each", "a longer -timeout: 500 connections waited that long"},
		"times out on kept connections": {func(c *result.Cell, l *result.Replica) {
			*c, *l = good()
			failed(result.ErrorTimeout, result.Fault{Connections: 5000, Least: 1, Most: 9, Kept: 4990})(c, l)
		}, "errors", "5000 timeout after 1 to 9 replies", "a longer -timeout: 5,000 requests waited that long"},
		"a start that was missed": {func(c *result.Cell, l *result.Replica) {
			*c, *l = good()
			l.Late = time.Second
		}, "start", "late", "-start-after"},
	} {
		cell, load := gone(tt.change)
		var news []string
		for _, c := range Trial(cell, load) {
			if troubled(c) && c.Follows == "" {
				news = append(news, c.Name)
			}
			if c.Name == tt.cause && (!strings.Contains(c.Value, tt.value) || !strings.Contains(c.Fix, tt.fix)) {
				t.Errorf("%s: %+v\nwant value %q, fix %q", name, c, tt.value, tt.fix)
			}
		}
		if !slices.Equal(news, []string{tt.cause}) {
			t.Errorf("%s: news are %v, want %s alone", name, news, tt.cause)
		}
	}
}

// What a cause does not explain in full stays news.
func TestNoExcuses(t *testing.T) {
	one := func(l *result.Replica) { l.Errors = map[string]int64{result.ErrorClosed: 1} }
	for name, tt := range map[string]struct {
		change func(*result.Cell, *result.Replica)
		news   string
	}{
		"two missing, one lost": {func(_ *result.Cell, l *result.Replica) { one(l); l.Connected = 998 }, "connected"},
		"two inactive":          {func(_ *result.Cell, l *result.Replica) { one(l); l.Active = 998 }, "active"},
		"one lost, one silent":  {func(_ *result.Cell, l *result.Replica) { one(l); l.Active = 999; l.Silent = 1 }, "active"},
		"the law":               {func(_ *result.Cell, l *result.Replica) { one(l); l.Operations = 9000 }, "littles-law"},
		"too few in flight":     {func(_ *result.Cell, l *result.Replica) { one(l); l.Outstanding, l.Operations = 900, 9000 }, "littles-law"},
		"the window":            {func(_ *result.Cell, l *result.Replica) { one(l); setMean(l, 500*time.Millisecond) }, "window"},
		"a decline":             {func(_ *result.Cell, l *result.Replica) { one(l); l.Slices = ramp(10, 1000, -50) }, "steady"},
		"a skew":                {func(_ *result.Cell, l *result.Replica) { one(l); l.Skew = time.Second / 2 }, "aligned"},
		"windows apart":         {func(_ *result.Cell, l *result.Replica) { l.Late, l.Apart = 1, time.Second }, "aligned"},
	} {
		cell, load := good()
		tt.change(&cell, &load)
		for _, c := range Trial(cell, load) {
			if c.Name == tt.news && (!troubled(c) || c.Follows != "") {
				t.Errorf("%s: %+v: want it told", name, c)
			}
		}
	}
}

// Whatever the numbers, a check follows only from one of its trial that is news
// itself and no milder; and every trial that has troubles has news.
func TestFollowsOnlyFromNews(t *testing.T) {
	cells := []result.Cell{{}, {Workload: workload.Workload{Idle: true, Conns: 9}}, {Workload: workload.Workload{Push: true, PushRate: 10, PushEvery: 2, Conns: 9}}}
	holds := func(n loadNumbers, pick, answered, silent, kept uint8, lost int16) bool {
		load := n.replica()
		load.Latency, load.Window = latencies(time.Duration(pick)*20*time.Millisecond), time.Second
		load.Answered, load.Silent, load.Kept = int(answered%3), int(silent%3), int(kept%3)
		load.Errors = map[string]int64{result.ErrorClosed: int64(lost % 4)}
		switch pick % 5 {
		case 0:
			load.Workload.Rate, load.Due, load.Lateness = 100, int64(answered), latencies(1)
		case 1:
			load.Storm = &result.Storm{Silent: int(silent % 3)}
		case 2:
			load.Workload.Churn = 10
		}
		cell := cells[int(pick)%len(cells)]
		load.Workload.Push = cell.Push
		checks := Trial(cell, load)
		by := make(map[string]result.Check)
		for _, c := range checks {
			by[c.Name] = c
		}
		news := false
		for _, c := range checks {
			news = news || troubled(c) && c.Follows == ""
			if c.Follows == "" {
				continue
			}
			cause, is := by[c.Follows]
			if !is || !follower(c) || !troubled(cause) || cause.Follows != "" || c.Fix != "" ||
				c.Verdict == result.Failed && cause.Verdict != result.Failed {
				t.Logf("%+v\nfollows from %+v", c, cause)
				return false
			}
		}
		return news == slices.ContainsFunc(checks, troubled)
	}
	if err := quick.Check(holds, &quick.Config{MaxCount: 5000}); err != nil {
		t.Error(err)
	}
}

// Every entry names checks that there are.
func TestExplanationsNameChecks(t *testing.T) {
	known := make(map[string]bool)
	for _, w := range []workload.Workload{{}, {Rate: 1}, {Storm: true}, {Churn: 1}, {Push: true}} {
		load := result.Replica{Workload: w}
		if w.Storm {
			load.Storm = new(result.Storm)
		}
		for _, cell := range []result.Cell{{}, {Workload: workload.Workload{Idle: true}}} {
			for _, c := range Trial(cell, load) {
				known[c.Name] = true
			}
		}
	}
	for _, e := range explanations {
		if !known[e.check] || !known[e.by] {
			t.Errorf("%s follows from %s: one of them is no check", e.check, e.by)
		}
	}
}
