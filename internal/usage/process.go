//go:build linux

package usage

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

// tick is the unit of times in /proc/PID/stat (USER_HZ, 100 on every architecture that
// Go supports).
const tick = 10 * time.Millisecond

// stat reads a process, without CPU and Deaf.
func stat(pid int) (Process, error) {
	proc, err := procfs.NewProc(pid)
	if err != nil {
		return Process{}, err
	}
	s, err := proc.Stat()
	if err != nil {
		return Process{}, err
	}
	return fromStat(s), nil
}

func fromStat(s procfs.ProcStat) Process {
	return Process{
		PID: s.PID, Parent: s.PPID, Start: s.Starttime, Ended: dead(s.State),
		Reaped: time.Duration(s.CUTime+s.CSTime) * tick,
	}
}

// descendants returns a process, its descendants, and the members of the process group
// that it leads, each after its parent. They include zombies, whose time is not yet in
// their parents' figures. There are none if root itself has exited.
//
// It reads the parent of every process. /proc/PID/task/*/children would be faster, but
// proc(5) calls it unreliable while children start and exit, and not every kernel has
// it.
func descendants(root int) ([]Process, error) {
	all, err := procfs.AllProcs()
	if err != nil {
		return nil, err
	}
	children := make(map[int][]Process)
	var list, orphans []Process
	for _, p := range all {
		s, err := p.Stat()
		if err != nil {
			continue // exited since the listing
		}
		one := fromStat(s)
		switch {
		case s.PID == root && !one.Ended:
			list = []Process{one}
		case s.PID == root:
		case s.PGRP == root:
			orphans = append(orphans, one)
			fallthrough
		default:
			children[s.PPID] = append(children[s.PPID], one)
		}
	}
	if list == nil {
		return nil, nil
	}
	add := func(p Process) {
		// A number reused during the scan could make a cycle.
		if !slices.ContainsFunc(list, p.same) {
			list = append(list, p)
		}
	}
	for next := 0; ; {
		for ; next < len(list); next++ {
			for _, child := range children[list[next].PID] {
				add(child)
			}
		}
		// A process whose parent has exited has a new parent, but is still in the group.
		if len(orphans) == 0 {
			break
		}
		add(orphans[0])
		orphans = orphans[1:]
	}
	return list, nil
}

// deaf reports whether a process ignores SIGCHLD. This process never does.
func deaf(pid int) bool {
	if pid == os.Getpid() {
		return false
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	return err == nil && ignores(text, unix.SIGCHLD)
}

// ignores reports whether a signal is ignored, according to a /proc/PID/status.
func ignores(status []byte, signal unix.Signal) bool {
	for line := range bytes.Lines(status) {
		if mask, is := bytes.CutPrefix(line, []byte("SigIgn:")); is {
			n, err := strconv.ParseUint(string(bytes.TrimSpace(mask)), 16, 64)
			return err == nil && n>>(uint(signal)-1)&1 == 1
		}
	}
	return false
}
