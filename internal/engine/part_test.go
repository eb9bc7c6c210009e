//go:build linux

package engine

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestPartIsRead(t *testing.T) {
	t.Setenv(IndexVariable, "mxzgds85wbrv29k2423atf3qq")
	if part, err := ParsePart("env/3"); err != nil || part != (Part{0, 3}) {
		t.Errorf("the slot that bears its node's id is %v, %v; want the first", part, err)
	}
	t.Setenv(IndexVariable, "")
	if part, err := ParsePart("env/3"); err == nil {
		t.Errorf("without an index, part %v", part)
	}
	t.Setenv(IndexVariable, "6")
	for text, want := range map[string]string{
		"0/1": "0/1 replica-1", "2/53": "2/53 replica-3", "env/7": "6/7 replica-7",
		"": "", "1": "", "1/1": "", "-1/3": "", "a/3": "", "env/6": "", "0/0": "", "1/2/3": "",
	} {
		part, err := ParsePart(text)
		if got := fmt.Sprint(part, " ", part.ID()); err == nil && got != want || err != nil && want != "" {
			t.Errorf("%q: %s, %v; want %q", text, got, err, want)
		}
	}
}

func TestSources(t *testing.T) {
	for _, test := range []struct {
		host        string
		conns, i, n int
		want        string
	}{
		{"127.0.0.1", 14000, 0, 1, "[]"},
		{"127.0.0.1", 14001, 0, 1, "[127.0.0.2 127.0.0.3]"},
		{"127.0.0.1", 100, 0, 2, "[127.0.0.2]"},
		{"127.0.0.1", 53 * 19000, 52, 53, "[127.0.0.106 127.0.0.107]"},
		{"127.0.0.1", 301, 300, 301, "[127.0.1.46]"},
		{"10.0.0.1", 100, 0, 2, "[]"},
		{"::1", 100, 0, 2, "[]"},
	} {
		if got := fmt.Sprint(Part{test.i, test.n}.Sources(netip.MustParseAddr(test.host), test.conns)); got != test.want {
			t.Errorf("sources of replica %d of %d with %d connections to %s: %s, want %s", test.i, test.n, test.conns, test.host, got, test.want)
		}
	}
	seen := map[netip.Addr]bool{}
	for i := range 1000 {
		list := Part{i, 1000}.Sources(netip.MustParseAddr("127.0.0.1"), 19_000_000)
		if len(list) != 2 {
			t.Fatalf("replica %d has sources %v", i, list)
		}
		for _, ip := range list {
			if !ip.IsLoopback() || seen[ip] {
				t.Fatalf("replica %d has source %v", i, ip)
			}
			seen[ip] = true
		}
	}
}

// What a replica is told is one command line; its part is its own.
func TestClientArgs(t *testing.T) {
	cell := modeCell()
	cell.Rate, cell.Arrivals, cell.ConnectRate = 10_000, "poisson", 50
	cell.Busy = 4
	cell.Seed, cell.Drain = 7, 2*time.Second
	args, err := clientArgs(Spec{Run: "r", Cell: cell}, "127.0.0.1:9")
	if err != nil {
		t.Fatal(err)
	}
	want := "client --conn=6 --connect-rate=50 --size=8 --busy=4 --rate=10000 --arrivals=poisson --ip=127.0.0.1 --port=9 -c 1 --interval=0s --format=lines --run=r --duration=100ms --warmup=10ms --timeout=1s --drain=2s --seed=7"
	if got := strings.Join(args, " "); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	cell.ConnectRate, cell.ConnectStages = 0, "2m:1k..10k,1m:10k" // of all replicas: each takes its turns
	if args, err = clientArgs(Spec{Cell: cell}, "127.0.0.1:9"); err != nil || !strings.HasPrefix(strings.Join(args, " "), "client --conn=6 --connect-stages=2m:1k..10k,1m:10k --size=8 ") {
		t.Errorf("stages of connecting: %q, %v", args, err)
	}
	cell.Rate, cell.Arrivals = 0, ""
	if args, err = clientArgs(Spec{Cell: cell}, "127.0.0.1:9"); err != nil || strings.Contains(strings.Join(args, " "), "--rate") {
		t.Errorf("a closed loop: %q, %v", args, err)
	}
	if _, err := clientArgs(Spec{Cell: cell}, "nowhere"); err == nil {
		t.Error("an address without a port passed")
	}
}
