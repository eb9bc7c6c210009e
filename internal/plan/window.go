//go:build linux

package plan

import (
	"math"
	"time"

	"c1m/internal/check"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// The default window is a second, after half a second of warm-up: long enough for every check
// under most loads. A closed loop needs less: longer trials add little precision
// (docs/statistics.md), so the time is better spent on more rounds.
const (
	usualWindow = time.Second
	usualWarmup = 500 * time.Millisecond

	leastWindow = 200 * time.Millisecond
	leastWarmup = 100 * time.Millisecond
	mostClosed  = 10 * time.Second // of a closed loop; check.Longer lengthens it if necessary
)

// expected is the throughput of a closed loop for which its window is chosen, in round trips
// per second: that of the modes on two processors. If it is lower, check.Longer lengthens the
// window.
const expected = 100_000

// In mean latencies: with fairMeans each connection has a quarter more replies than the check
// fair needs. If that takes longer than usualWindow, the window is someMeans instead.
// warmMeans is the warm-up.
const (
	fairMeans = 1.25 * check.FairFrom
	someMeans = 5
	warmMeans = 2
)

// timesOf returns the warm-up and the window of a cell: those chosen, or the defaults.
func (p planner) timesOf(cell result.Cell) (warmup, window time.Duration) {
	warmup, window = usualWarmup, usualWindow
	if kind := cell.Workload.Kind(); !p.Slow && (kind == workload.Closed || kind == workload.Pipelined) {
		warmup, window = closedTimes(cell.Workload)
	}
	if p.Warmup != nil {
		warmup = *p.Warmup
	}
	if p.Window != nil {
		return warmup, *p.Window
	}
	cell.Window = window
	return warmup, windowOf(cell)
}

// closedTimes returns the default warm-up and window of a closed loop.
func closedTimes(w workload.Workload) (warmup, window time.Duration) {
	mean := time.Duration(w.BusyConns())*time.Second/expected + w.Work.Sleep
	warmup = min(mostClosed, max(leastWarmup, warmMeans*mean))
	window = fairMeans * mean
	if window > usualWindow {
		window = max(usualWindow/2, someMeans*mean)
	}
	return warmup, min(mostClosed, max(leastWindow, window.Round(time.Millisecond)))
}

// windowOf returns the window of a cell, lengthened if its checks need more.
func windowOf(cell result.Cell) time.Duration {
	switch kind := cell.Workload.Kind(); {
	case kind == workload.Storm:
		return stormWindow(cell.Conns)
	case kind == workload.Staged:
		return cell.Stages.Length()
	case kind == workload.Push:
		return pushWindow(cell)
	case kind == workload.Open && cell.Rate > 0:
		return windowFor(requestsLeast/cell.Rate, cell)
	case kind == workload.Churn:
		return windowFor(turnsLeast/cell.Churn, cell)
	}
	return cell.Window
}

// The least number of events per replica in a default window.
const (
	requestsLeast = 20 // so that the check sustained can distinguish a queue from chance
	turnsLeast    = 5  // reopened connections
)

// windowMost is the longest default window.
const windowMost = time.Minute

// windowFor returns a window of a number of seconds per replica, rounded up to whole
// seconds, or the cell's if that is longer.
func windowFor(seconds float64, cell result.Cell) time.Duration {
	seconds = math.Ceil(seconds * float64(max(1, cell.Replicas)))
	return time.Duration(min(max(cell.Window.Seconds(), seconds), windowMost.Seconds()) * float64(time.Second))
}

// stormWindow returns a window whose second half, after the storm, is long enough for a
// working server to answer all connections again.
func stormWindow(conns int) time.Duration {
	return min(max(4*time.Second, time.Duration(conns)*time.Millisecond), time.Minute)
}

// pushWindow returns a window long enough for every subscriber to receive a notification
// well before its end.
func pushWindow(cell result.Cell) time.Duration {
	count := max(check.PushLeast, 2*float64(cell.PushEvery))
	cell.Replicas = 1 // a broadcast goes to the subscribers of all replicas
	return windowFor(count/cell.PushRate, cell)
}

// longest returns the requested window, or else the longest default window.
func (r Request) longest() time.Duration {
	if r.Window != nil {
		return *r.Window
	}
	return windowMost
}
