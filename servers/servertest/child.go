//go:build linux

package servertest

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"c1m/internal/contract"
	"c1m/internal/proctest"
	"c1m/internal/proto"
	"c1m/internal/push"
	"c1m/servers"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

// serverMain is the main of the test binary that is a server.
const serverMain = "server"

// atOnce is how many clauses are tried at the same time.
const atOnce = 8

// order is what the server process is told, as its argument. A mode that starts
// itself again passes it on; Parent tells its processes from ours.
type order struct {
	Parent      int // the test's process
	Addr        string
	Variant     string
	Concurrency int
	Work        servers.Work
	Protocol    proto.Protocol
	Upgrade     servers.Upgrade
	Timeout     time.Duration
	Push        push.Config
	Descriptors uint64 // RLIMIT_NOFILE, soft and hard; 0 leaves it
}

// The server process writes one event a line on stdout and reads one of these
// words a line on stdin. The end of stdin means stop, and then exit.
const (
	wordCounters = "counters"
	wordStop     = "stop"
)

type event struct {
	Ready    *ready          `json:"ready,omitempty"`
	Counters *servers.Totals `json:"counters,omitempty"`
	Stopped  *stopped        `json:"stopped,omitempty"`
}

type ready struct {
	Addr netip.AddrPort `json:"addr"`
}

// stopped says how Serve returned and what it left behind.
type stopped struct {
	Error       string `json:"error,omitempty"`
	Asked       bool   `json:"asked"`       // it had been told to stop
	Goroutines  string `json:"goroutines"`  // stacks of those it left, empty if none
	Descriptors int    `json:"descriptors"` // open now less those open before Serve
}

// Main is a mode's TestMain: the caller exits with what it returns. In the
// server process it runs serve instead of the tests.
func Main(m *testing.M, serve servers.Serve) int {
	server := func(args []string) error { return runServer(args, serve) }
	return proctest.Main(proctest.Mains{serverMain: server}, func() int {
		// Clauses wait more than they work: more at a time than there are
		// processors.
		flag.Parse()
		if err := flag.Set("test.parallel", strconv.Itoa(max(atOnce, runtime.GOMAXPROCS(0)))); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	})
}

func runServer(args []string, serve servers.Serve) error {
	var o order
	if err := json.Unmarshal([]byte(args[0]), &o); err != nil {
		return err
	}
	if o.Descriptors > 0 {
		limit := unix.Rlimit{Cur: o.Descriptors, Max: o.Descriptors}
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
			return fmt.Errorf("setrlimit RLIMIT_NOFILE %d: %w", o.Descriptors, err)
		}
	}
	counters, err := servers.NewCounters(max(runtime.NumCPU(), o.Concurrency) + 1)
	if err != nil {
		return err
	}
	cfg := servers.Config{
		Addr:             o.Addr,
		Variant:          o.Variant,
		Concurrency:      o.Concurrency,
		Work:             o.Work,
		Protocol:         o.Protocol,
		Upgrade:          o.Upgrade,
		HandshakeTimeout: o.Timeout,
		Push:             o.Push,
		Counters:         counters,
		Ready:            func(netip.AddrPort) {},
	}
	ctx, stop := signal.NotifyContext(context.Background(), unix.SIGTERM, unix.SIGINT)
	defer stop()
	if os.Getppid() != o.Parent {
		// A process the mode started: stdin and stdout are not ours.
		return serve(ctx, cfg)
	}
	return converse(ctx, cfg, serve)
}

// converse runs serve under the orders of the test.
func converse(ctx context.Context, cfg servers.Config, serve servers.Serve) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	var (
		mu     sync.Mutex
		stdout = json.NewEncoder(os.Stdout)
		asked  bool
	)
	say := func(e event) {
		mu.Lock()
		defer mu.Unlock()
		// The test's end of the pipe is gone only if the test is, and then
		// the end of stdin stops this process.
		_ = stdout.Encode(e)
	}
	told := make(chan struct{}) // closed at the end of stdin
	go func() {
		defer close(told)
		defer cancel()
		words := bufio.NewScanner(os.Stdin)
		for words.Scan() {
			switch words.Text() {
			case wordCounters:
				totals := cfg.Counters.Total()
				say(event{Counters: &totals})
			case wordStop:
				mu.Lock()
				asked = true
				mu.Unlock()
				cancel()
			}
		}
	}()
	cfg.Ready = func(addr netip.AddrPort) { say(event{Ready: &ready{addr}}) }

	// The runtime opens descriptors of its own at the first pipe or socket;
	// they are not the mode's.
	if err := openPoller(); err != nil {
		return err
	}
	before := len(contract.DescriptorsOf(os.Getpid()))
	others := goleak.IgnoreCurrent()

	err := serve(ctx, cfg)

	var s stopped
	mu.Lock()
	s.Asked = asked
	mu.Unlock()
	if err != nil {
		s.Error = err.Error()
	}
	s.Descriptors = len(contract.DescriptorsOf(os.Getpid())) - before
	if leak := goleak.Find(others); leak != nil {
		s.Goroutines = leak.Error()
	}
	say(event{Stopped: &s})
	<-told // the test looks at this process until it closes stdin
	return nil
}

// openPoller makes the runtime open its network poller.
func openPoller() error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	r.Close()
	w.Close()
	return nil
}
