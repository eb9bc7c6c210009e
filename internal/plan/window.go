//go:build linux

package plan

import (
	"math"
	"time"

	"c1m/internal/check"
	"c1m/internal/result"
	"c1m/internal/workload"
)

// windowOf is the window of a cell where none was asked for: long enough for its
// checks to judge.
func windowOf(cell result.Cell) time.Duration {
	switch kind := cell.Workload.Kind(); {
	case kind == workload.Storm:
		return stormWindow(cell.Conns)
	case kind == workload.Push:
		return pushWindow(cell)
	case kind == workload.Open && cell.Rate > 0:
		return windowFor(requestsLeast/cell.Rate, cell)
	case kind == workload.Churn:
		return windowFor(turnsLeast/cell.Churn, cell)
	}
	return cell.Window
}

// What a window should hold for each replica: requests, from which on sustained
// tells a queue from chance, or connections to be reopened.
const (
	requestsLeast = 20
	turnsLeast    = 5
)

// windowMost is the longest that nobody asked for.
const windowMost = time.Minute

// windowFor is a window of so many seconds for each replica, in whole ones, or
// the cell's if that is longer.
func windowFor(seconds float64, cell result.Cell) time.Duration {
	seconds = math.Ceil(seconds * float64(max(1, cell.Replicas)))
	return time.Duration(min(max(cell.Window.Seconds(), seconds), windowMost.Seconds()) * float64(time.Second))
}

// stormWindow is long enough for a server that works to answer all connections
// again in the half of it that follows a storm.
func stormWindow(conns int) time.Duration {
	return min(max(4*time.Second, time.Duration(conns)*time.Millisecond), time.Minute)
}

// pushWindow is long enough for every subscriber to be owed a notification that
// cannot come behind the window's end.
func pushWindow(cell result.Cell) time.Duration {
	count := max(check.PushLeast, 2*float64(cell.PushEvery))
	cell.Replicas = 1 // broadcasts are the server's, and go to all of them
	return windowFor(count/cell.PushRate, cell)
}

// longest is the window that was asked for, or the longest that is taken where
// none was.
func (r Request) longest() time.Duration {
	if r.WindowChosen {
		return r.Window
	}
	return max(r.Window, windowMost)
}
