//go:build linux

package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"c1m/internal/result"
	"c1m/internal/usage"
)

// commandServer is a server started by a user's command, under a keeper.
type commandServer struct {
	name   string
	addr   string
	keeper *process
	output *os.File

	started chan struct{} // closed once the command runs, or never will
	over    chan struct{} // closed once the keeper reports that the command has ended
	done    chan struct{} // closed once no process of it is left, or those left cannot be killed

	mu     sync.Mutex
	report keepReport // all that the keeper has reported

	// Valid after done: the end of the command's output, and its total size in bytes.
	last    string
	printed int64
}

// startCommand starts a command under a keeper.
func (l *Local) startCommand(name, addr, command string, cpus []int) (*commandServer, error) {
	order, err := json.Marshal(keepOrder{Command: command})
	if err != nil {
		return nil, err
	}
	// If a keeper is killed, its processes become children of this process.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return nil, fmt.Errorf("prctl PR_SET_CHILD_SUBREAPER: %w", err)
	}
	s := &commandServer{name: name, addr: addr, started: make(chan struct{}), over: make(chan struct{}), done: make(chan struct{})}
	if s.output, err = newOutput(); err != nil {
		return nil, err
	}
	s.keeper, err = l.start(processSpec{
		path: l.program, name: KeeperName, args: []string{KeepCommand},
		cpus: cpus, stdin: true, line: s.takeReport, output: s.output, outlives: true, grace: grace + killLimit + time.Second,
	})
	if err != nil {
		s.output.Close()
		return nil, err
	}
	l.ends.Go(func() {
		<-s.keeper.ended
		if s.keeper.err != nil { // it was killed or failed
			s.left(l.endOrphans())
		}
		s.last, s.printed = lastPrinted(s.output), printed(s.output)
		s.output.Close()
		s.close(s.started)
		s.close(s.over)
		close(s.done)
	})
	if _, err := fmt.Fprintf(s.keeper.stdin, "%s\n", order); err != nil {
		s.keeper.terminate()
		<-s.done
		return nil, fmt.Errorf("the keeper: %w", s.keeper.failure())
	}
	return s, nil
}

// close closes a channel unless it is already closed.
func (s *commandServer) close(c chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-c:
	default:
		close(c)
	}
}

// left records processes that could not be killed.
func (s *commandServer) left(names []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.report.Left = append(s.report.Left, names...)
}

// takeReport handles a line from the keeper.
func (s *commandServer) takeReport(line string) {
	var r keepReport
	if err := json.Unmarshal([]byte(line), &r); err != nil {
		return // the program that runs as the keeper is our own
	}
	switch {
	case r.PID != 0:
		s.mu.Lock()
		s.report.PID = r.PID
		s.mu.Unlock()
		s.close(s.started)
	case r.End != "":
		s.mu.Lock()
		s.report.End, s.report.Detached = r.End, r.Detached
		s.mu.Unlock()
		s.close(s.over)
	case len(r.Left) > 0:
		s.left(r.Left)
	}
}

// reported returns all that the keeper has reported.
func (s *commandServer) reported() keepReport {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.report
}

// await waits until the command serves, as serves sees it: awaitAccept, or one
// that connects to nothing. The error says why it does not.
func (s *commandServer) await(ctx context.Context, limit time.Duration, serves awaiter) error {
	at, err := serves(ctx, []string{s.addr, twin(s.addr)}, limit, s.over)
	if err == nil {
		s.addr = at // the client dials where the server listens
	}
	<-s.started
	select {
	case <-s.over: // even if another process accepts
		s.stop()
		return s.notStarted()
	default:
	}
	switch {
	case err == nil:
		if away := s.away(); len(away) > 0 {
			s.stop()
			return s.background(away)
		}
		return nil
	case ctx.Err() != nil:
		s.stop()
		return context.Cause(ctx)
	}
	elsewhere := listening(usage.Tree(s.PID())...)
	s.stop()
	text := fmt.Sprintf("%s runs, but does not accept at %s after %v", s.name, s.addr, limit)
	if len(elsewhere) > 0 {
		text += "; it listens at " + strings.Join(elsewhere, ", ") + " (fix: pass {addr} or {port} to the command)"
	}
	text += cmp.Or(lastOutput(s.last), "; it printed nothing")
	if len(elsewhere) == 0 {
		text += "; fix: use a longer -exec-start-timeout, if it starts slowly"
	}
	return errors.New(text + s.remains())
}

// awaiter waits until one of some addresses is served, and returns it. It fails if
// the server ends or the time limit is over.
type awaiter func(ctx context.Context, addrs []string, limit time.Duration, ended <-chan struct{}) (string, error)

// notStarted returns why a command ended before it accepted connections.
func (s *commandServer) notStarted() error {
	if r := s.reported(); len(r.Detached) > 0 {
		return s.background(r.Detached)
	}
	return fmt.Errorf("%s did not start: %w", s.name, s.ending())
}

// background refuses a server whose processes have left the command's tree: their
// usage could not be attributed.
func (s *commandServer) background(names []string) error {
	return backgroundError(fmt.Sprintf("%s went into the background: %s; fix: run it in the foreground%s", s.name, strings.Join(names, ", "), s.remains()))
}

// ErrBackground is the error of a command whose processes continue after it
// ended. It is detected when the command ends, which may be after it accepted
// connections.
var ErrBackground = errors.New("the command went into the background")

// backgroundError is an error with its own message that wraps ErrBackground.
type backgroundError string

func (e backgroundError) Error() string        { return string(e) }
func (e backgroundError) Is(target error) bool { return target == ErrBackground }

// away returns the names of the processes that listen at the command's port but
// have left its tree.
func (s *commandServer) away() []string {
	all, its := descendants(s.keeper.cmd.Process.Pid), usage.Tree(s.PID())
	_, port, _ := net.SplitHostPort(s.addr)
	at := func(addr string) bool { return strings.HasSuffix(addr, ":"+port) } // also at 0.0.0.0 or [::]
	var away []int
	for _, pid := range all {
		if !slices.Contains(its, pid) && slices.ContainsFunc(listening(pid), at) {
			away = append(away, pid)
		}
	}
	return processNames(away)
}

// ending returns how the command ended, with the end of its output and the
// processes left.
func (s *commandServer) ending() error {
	how := s.reported().End
	if how == "" {
		how = "ended"
		if s.keeper.err != nil {
			how = "its keeper died: " + s.keeper.failure().Error()
		}
	}
	return errors.New(how + lastOutput(s.last) + s.remains())
}

// remains lists the processes that could not be killed.
func (s *commandServer) remains() string {
	if left := s.reported().Left; len(left) > 0 {
		return "; could not be killed: " + strings.Join(left, ", ")
	}
	return ""
}

// stop ends the command and waits for its end.
func (s *commandServer) stop() {
	s.keeper.terminate()
	<-s.done
}

func (s *commandServer) Addr() string          { return s.addr }
func (s *commandServer) PID() int              { return s.reported().PID }
func (s *commandServer) Uses() []result.Use    { return nil }
func (s *commandServer) Done() <-chan struct{} { return s.done }

// Err returns how the command ended.
func (s *commandServer) Err() error {
	if r := s.reported(); len(r.Detached) > 0 {
		return s.background(r.Detached)
	}
	return fmt.Errorf("%s died: %w", s.name, s.ending())
}

// Printed returns how many bytes the command has printed, once it is stopped.
func (s *commandServer) Printed() int64 { return s.printed }

// Stop ends the command; any exit code is accepted. It fails if a process could
// not be killed.
func (s *commandServer) Stop() (*result.Counts, error) {
	s.stop()
	if left := s.remains(); left != "" {
		return nil, errors.New(s.name + left)
	}
	return nil, nil
}

// endOrphans kills and reaps the processes that became children of this process
// because a keeper was killed. It returns the names of those that do not end.
func (l *Local) endOrphans() []string {
	l.mu.Lock() // no process of ours starts meanwhile
	defer l.mu.Unlock()
	var ours []int
	for p := range l.running {
		ours = append(ours, usage.Tree(p.cmd.Process.Pid)...)
	}
	var orphans []int
	for deadline := time.Now().Add(killLimit); ; time.Sleep(5 * time.Millisecond) {
		orphans = slices.DeleteFunc(descendants(os.Getpid()), func(pid int) bool { return slices.Contains(ours, pid) })
		if len(orphans) == 0 || time.Now().After(deadline) {
			return processNames(orphans)
		}
		for _, pid := range orphans {
			_ = unix.Kill(pid, unix.SIGKILL)
			_, _ = unix.Wait4(pid, nil, unix.WNOHANG, nil) // ECHILD: still another process's child
		}
	}
}

// listening returns the TCP addresses where processes listen, sorted.
func listening(pids ...int) []string {
	var list []string
	for _, pid := range pids {
		dir := "/proc/" + strconv.Itoa(pid)
		sockets := make(map[string]bool)
		entries, _ := os.ReadDir(dir + "/fd") // it may have ended
		for _, e := range entries {
			if link, err := os.Readlink(dir + "/fd/" + e.Name()); err == nil {
				sockets[link] = true
			}
		}
		for _, table := range []string{"tcp", "tcp6"} {
			for inode, addr := range listeners(dir + "/net/" + table) {
				if sockets["socket:["+inode+"]"] && !slices.Contains(list, addr) {
					list = append(list, addr)
				}
			}
		}
	}
	slices.Sort(list)
	return list
}
