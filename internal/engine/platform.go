//go:build linux

package engine

import (
	"context"
	"strconv"
	"strings"
)

// platform starts containers by a command-line tool of the user's. It knows
// one such tool; how a trial goes is shared (Containers).
type platform interface {
	// check finds out whether the tool is there and what it speaks to
	// answers. The error is one line with the cure.
	check(ctx context.Context) error

	// prepare makes what all containers of the run share, such as a network.
	prepare(ctx context.Context) error

	// listen is the address a server is to listen at, and dial, once it does
	// so at listens, the address at which replicas reach it.
	listen() string
	dial(ctx context.Context, j job, listens string) (string, error)

	// harness is an address of this machine, with port 0, that the replicas of
	// a server can reach; an error if only the user can know one.
	harness(ctx context.Context, server string) (string, error)

	// start starts a job's containers. It returns once the tool has taken the
	// orders; they may start later. When ctx ends it gives no more orders, and
	// returns the cause once those that were given are taken.
	start(ctx context.Context, j job) error

	// watch tells of each container of a job that ends: its index, and how,
	// which is empty if its exit code was 0. It begins before the job starts,
	// and returns when all have ended or ctx is done.
	watch(ctx context.Context, j job, ended func(index int, how string)) error

	// logs passes on the lines a container of a job has printed, or those of
	// all, interleaved, where the index is every or the tool cannot choose.
	// With follow it goes on until the container has ended.
	logs(ctx context.Context, j job, index int, follow bool, line func(string)) error

	// stop asks a server to end, and waits a while for it.
	stop(ctx context.Context, j job) error

	// remove ends and removes a job's containers, and returns when they are
	// gone. A job of which nothing is left is no error.
	remove(ctx context.Context, j job) error

	// clean removes what carries a run's label, or for an empty run all that
	// carries ours.
	clean(ctx context.Context, run string) error
}

// waiter is a platform that can tell why containers of a job have not begun.
type waiter interface{ waiting(j job) string }

// waiting tells why containers of a job have not begun, if the platform can.
func waiting(p platform, j job) string {
	if w, can := p.(waiter); can {
		return w.waiting(j)
	}
	return ""
}

// every is the index of all containers of a job.
const every = -1

// job is what a platform starts for a trial: a server's container, or those of
// all replicas, which differ in IndexVariable alone.
type job struct {
	name     string   // of the job; containers are named after it
	run      string   // the run's id
	args     []string // of bench
	replicas int      // how many; 0: the one of a server
	conns    int      // that each replica, or the server, holds
	cpus     []int    // processors it is bound to; none: any
	token    string   // that its replicas show the coordinator; empty: there is none
}

// plainName is a name that every platform takes, as the label of a host's name.
func plainName(s string) string { return strings.ToLower(strings.ReplaceAll(s, ".", "-")) }

// size is the number of containers.
func (j job) size() int { return max(1, j.replicas) }

// container is the name of one of a job's.
func (j job) container(index int) string {
	if j.replicas == 0 {
		return j.name
	}
	return j.name + "-" + strconv.Itoa(index+1)
}

// The labels of all that is started, for finding it again.
const (
	label    = "c1m"     // ours
	labelRun = "c1m.run" // the run's id
	labelJob = "c1m.job" // the job's name
)

// exitText is how a container that ended with an exit code ended.
func exitText(code int) string {
	switch code {
	case 0:
		return ""
	case 137:
		return "exit code 137: killed, by hand or for want of memory"
	}
	return "exit code " + strconv.Itoa(code)
}
