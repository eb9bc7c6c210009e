//go:build linux

package engine

import (
	"context"
	"strconv"
	"strings"
)

// platform starts containers by a command-line tool of the user. The course of a trial
// is the same for all platforms (Containers).
type platform interface {
	// check verifies that the tool is installed and its service answers. The
	// error is one line with the fix.
	check(ctx context.Context) error

	// prepare creates what all containers of the run share, such as a network.
	prepare(ctx context.Context) error

	// listen returns the address at which a server should listen. dial returns
	// the address at which replicas reach a server that listens at listens.
	listen() string
	dial(ctx context.Context, j job, listens string) (string, error)

	// harness returns an address of this machine, with port 0, that the replicas
	// of a server can reach; an error if only the user knows one.
	harness(ctx context.Context, server string) (string, error)

	// start starts a job's containers. It returns when the tool has accepted the
	// orders; the containers may start later. When ctx ends it gives no more
	// orders, and returns the cause after those in progress.
	start(ctx context.Context, j job) error

	// watch reports each container of a job that exits: its index, and how,
	// which is empty for exit code 0. It begins before the job starts, and
	// returns when all have exited or ctx is done.
	watch(ctx context.Context, j job, ended func(index int, how string)) error

	// logs passes on the lines that a container of a job has printed, or those
	// of all, interleaved, if the index is every or the tool cannot select. With
	// follow it continues until the container has exited.
	logs(ctx context.Context, j job, index int, follow bool, line func(string)) error

	// stop asks a server to stop, and waits a while for it.
	stop(ctx context.Context, j job) error

	// remove stops and removes a job's containers, and returns when they are
	// gone. It is no error if there are none.
	remove(ctx context.Context, j job) error

	// clean removes everything with a run's label or, for an empty run, with
	// the label of this program.
	clean(ctx context.Context, run string) error
}

// waiter is a platform that knows why containers of a job have not started.
type waiter interface{ waiting(j job) string }

// waiting returns why containers of a job have not started, if known.
func waiting(p platform, j job) string {
	if w, can := p.(waiter); can {
		return w.waiting(j)
	}
	return ""
}

// every is the index of all containers of a job.
const every = -1

// job is what a platform starts for a trial: a server's container, or those of
// all replicas, which differ only in IndexVariable.
type job struct {
	name     string   // of the job; containers are named after it
	run      string   // the run's id
	args     []string // of bench
	replicas int      // number of replicas; 0: a server
	conns    int      // connections of each replica, or of the server
	cpus     []int    // processors to bind it to; none: any
	token    string   // that its replicas present to the coordinator; empty: none
	metrics  scraped  // where its containers show their metrics
}

// plainName converts to a name that every platform accepts: a host name label.
func plainName(s string) string { return strings.ToLower(strings.ReplaceAll(s, ".", "-")) }

// size returns the number of containers.
func (j job) size() int { return max(1, j.replicas) }

// container returns the name of one of a job's containers.
func (j job) container(index int) string {
	if j.replicas == 0 {
		return j.name
	}
	return j.name + "-" + strconv.Itoa(index+1)
}

// The labels of everything started, for finding it again.
const (
	label    = "c1m"     // ours
	labelRun = "c1m.run" // the run's id
	labelJob = "c1m.job" // the job's name
)

// exitText describes how a container exited.
func exitText(code int) string {
	switch code {
	case 0:
		return ""
	case 137:
		return "exit code 137: killed, possibly because memory ran out"
	}
	return "exit code " + strconv.Itoa(code)
}
