//go:build linux

package workload

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"c1m/internal/proto"
	"c1m/internal/push"
	"c1m/servers"
)

// What a workload is told as is read as the same workload, on either side, and
// no flag is told that was not given.
func TestArgsAreReadAgain(t *testing.T) {
	for _, given := range []Given{
		{"conn": {"500"}},
		{"conn": {"1.5k"}, "proto": {"ws"}, "size": {"64KiB"}, "connect-rate": {"100"}},
		{"conn": {"100"}, "connect-stages": {"10s:0..5, 5s:1000"}},
		{"conn": {"100"}, "work": {"sleep:10ms"}, "busy": {"3%"}},
		{"conn": {"100"}, "pipeline": {"16"}},
		{"conn": {"100"}, "rate": {"0.5"}, "arrivals": {"poisson"}},
		{"conn": {"100"}, "stages": {"10s:1000, 5s:0..20k"}, "arrivals": {"poisson"}},
		{"conn": {"100"}, "churn": {"2.25"}},
		{"conn": {"100"}, "storm": {"true"}},
		{"conn": {"100"}, "pin": {"true"}},
		{"conn": {"100"}, "idle": {"true"}},
		{"conn": {"100"}, "proto": {"ws"}, "traffic": {"push"}, "push-rate": {"0.25"}, "push-fraction": {"10%"}, "size": {"100"}, "push-slow": {"disconnect"}},
	} {
		want, err := given.Workload()
		if err != nil {
			t.Fatalf("%v: %v", given, err)
		}
		both := Given{}
		for _, side := range []Side{Client, Server} {
			for _, arg := range want.Args(side) {
				name, value, given := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
				if !given {
					value = "true"
				}
				if !slices.ContainsFunc(Flags(side), func(f Flag) bool { return f.Name == name }) {
					t.Errorf("%v: %s is not a flag of side %d", want, arg, side)
				}
				both[name] = []string{value}
			}
		}
		got, err := both.Workload()
		if err != nil || got != want {
			t.Errorf("%v is told as %v: %v, %v", want, both, got, err)
		}
	}
}

// Every field of a workload has a flag, or a replica would not be told of it.
func TestEveryFieldHasAFlag(t *testing.T) {
	for name, one := range map[string]Workload{
		"conn": {Conns: 1}, "connect-rate": {ConnectRate: 1}, "connect-stages": {ConnectStages: "10s:1k"}, "pin": {Pin: true}, "proto": {Protocol: proto.WebSocket}, "size": {Size: 9},
		"work": {Work: servers.Work{Rounds: 1}}, "busy": {Busy: 1}, "idle": {Idle: true}, "traffic": {Push: true},
		"push-rate": {PushRate: 1}, "push-fraction": {PushEvery: 2}, "push-slow": {PushSlow: push.Disconnect},
		"pipeline": {Pipeline: 2}, "churn": {Churn: 1}, "storm": {Storm: true}, "rate": {Rate: 1}, "stages": {Stages: "10s:1k"}, "arrivals": {Arrivals: Poisson},
	} {
		told := strings.Join(slices.Concat(one.Args(Client), one.Args(Server)), " ")
		if !strings.Contains(told, "--"+name) {
			t.Errorf("%s is told as %q", name, told)
		}
	}
}

func TestWorkloadsVaryTheFirstFlagSlowest(t *testing.T) {
	list, err := Given{"conn": {"10", "100"}, "size": {"8", "64"}, "busy": {"10%"}}.Workloads()
	if err != nil {
		t.Fatal(err)
	}
	want := []Workload{
		{Protocol: proto.Echo, Conns: 10, Size: 8, Busy: 1}, {Protocol: proto.Echo, Conns: 10, Size: 64, Busy: 1},
		{Protocol: proto.Echo, Conns: 100, Size: 8, Busy: 10}, {Protocol: proto.Echo, Conns: 100, Size: 64, Busy: 10},
	}
	if !slices.Equal(list, want) {
		t.Errorf("%v\nwant %v", list, want)
	}
}

func TestRefused(t *testing.T) {
	with := func(pairs ...string) Given {
		g := Given{"conn": {"100"}}
		for i := 0; i < len(pairs); i += 2 {
			g[pairs[i]] = append(g[pairs[i]], pairs[i+1])
		}
		return g
	}
	for _, test := range []struct {
		given Given
		want  string
	}{
		{Given{"conn": {"0"}}, `-conn "0": want at least 1`},
		{with("connect-stages", "10s"), `-connect-stages "10s": "10s": want LENGTH:RATE or LENGTH:FROM..TO, such as 10s:1k or 30s:1k..20k`},
		{with("connect-stages", "10s:0"), `-connect-stages "10s:0": less than one is due in all stages together; want higher rates, or longer stages`},
		{with("connect-stages", "10s:10", "connect-rate", "5"), "-connect-stages cannot be combined with -connect-rate"},
		{with("connect-stages", "10s:10..0"), "-connect-stages 10s:10..0: opens 50 of 100 connections and ends at a rate of 0; want a last rate above 0, higher rates, or longer stages"},
		{with("connect-stages", "1s:90,1h:0"), "-connect-stages 1s:90,1h:0: opens 90 of 100 connections and ends at a rate of 0; want a last rate above 0, higher rates, or longer stages"},
		{with("connect-stages", "1s:90,1s:0.0001"), "-connect-stages 1s:90,1s:0.0001: 100 connections would take more than 24h0m0s; want a higher last rate"},
		{with("proto", "wss"), `-proto "wss": unknown protocol "wss": want echo or ws`},
		{with("size", "0"), `-size "0": want 1 to 1048576 bytes`},
		{with("size", "2MiB"), `-size "2MiB": want 1 to 1048576 bytes`},
		{with("size", "x"), `-size "x": want bytes, such as 8, 1k, 64KiB or 1MiB`},
		{with("busy", "101"), `-busy "101": want 1 to 100, the number of connections, or a share, such as 1%`},
		{with("busy", "0%"), `-busy "0%": want more than 0% and at most 100%`},
		{with("pipeline", "0"), `-pipeline "0": want 1 to 1024 requests in flight on a connection`},
		{with("rate", "0"), `-rate "0": want requests per second, such as 0.5, 500 or 10k; omit the flag for a closed loop`},
		{with("rate", "NaN"), `-rate "NaN": want requests per second, such as 0.5, 500 or 10k; omit the flag for a closed loop`},
		{with("churn", "-1"), `-churn "-1": want a number per second, such as 0.5, 500 or 10k`},
		{with("pipeline", "2", "rate", "10"), "-rate cannot be combined with -pipeline"},
		{with("storm", "true", "churn", "10"), "-storm cannot be combined with -churn"},
		{with("idle", "true", "rate", "10"), "-idle cannot be combined with -rate"},
		{with("idle", "true", "size", "64"), "-size cannot be combined with -idle"},
		{with("idle", "true", "busy", "5"), "-busy cannot be combined with -idle"},
		{with("traffic", "push"), "-traffic push requires -proto ws"},
		{with("traffic", "push", "proto", "ws", "idle", "true"), "-traffic push cannot be combined with -idle"},
		{with("traffic", "push", "proto", "ws", "size", "8"), "-size 8: a notification has at least 32 bytes"},
		{with("traffic", "push", "proto", "ws", "work", "cpu:1"), "-work cannot be combined with -traffic push"},
		{with("push-rate", "2"), "-push-rate requires -traffic push"},
		{with("arrivals", "poisson"), "-arrivals requires -rate"},
		{with("work", "cpu:1", "pipeline", "2"), "-work with -pipeline requires -proto ws"},
	} {
		if _, err := test.given.Workloads(); err == nil || err.Error() != test.want {
			t.Errorf("%v: %v\nwant %s", test.given, err, test.want)
		}
	}
}

// An error names flags as the command has them: a value that looks like one stays.
func TestErrorsNameFlags(t *testing.T) {
	for _, test := range []struct{ given, single, listed string }{
		{"conn=0", `-conn "0": want at least 1`, `-conns "0": want at least 1`},
		{"rate=1 pipeline=2", "-rate cannot be combined with -pipeline", "-rates cannot be combined with -pipeline"},
		{"arrivals=poisson", "-arrivals requires -rate", "-arrivals requires -rates"},
		{"size=-conn", `-size "-conn": want bytes, such as 8, 1k, 64KiB or 1MiB`, `-size "-conn": want bytes, such as 8, 1k, 64KiB or 1MiB`},
		{"size={rate}", `-size "{rate}": want bytes, such as 8, 1k, 64KiB or 1MiB`, `-size "{rate}": want bytes, such as 8, 1k, 64KiB or 1MiB`},
	} {
		given := Given{"conn": {"10"}}
		for word := range strings.FieldsSeq(test.given) {
			name, value, _ := strings.Cut(word, "=")
			given[name] = []string{value}
		}
		_, err := given.Workloads()
		if err == nil || err.Error() != test.single || InLists(err).Error() != test.listed {
			t.Errorf("%s: %v and %v\nwant %s\nand  %s", test.given, err, InLists(err), test.single, test.listed)
		}
	}
	if other := errors.New("another"); InLists(other) != other || InLists(nil) != nil {
		t.Error("an error of another kind changes")
	}
}

func TestFits(t *testing.T) {
	for _, test := range []struct {
		w        Workload
		replicas int
		window   time.Duration
		want     string
	}{
		{Workload{Conns: 10, Rate: 2e6}, 2, time.Second, ""},
		{Workload{Conns: 10, Rate: 2e6}, 1, time.Second, "-rate 2000000: want at most 1000000 per second"},
		{Workload{Conns: 10, Rate: 5e6}, 3, time.Second, "-rate 5000000: want at most 3000000 per second, 1000000 for each of 3 replicas"},
		{Workload{Conns: 10, Rate: 0.01}, 1, time.Minute, "-rate 0.01: less than one request in a window of 1m0s; want at least 0.017, or a longer -d"},
		{Workload{Conns: 10, Rate: 0.5}, 1, 2 * time.Second, ""},
		{Workload{Conns: 10, Churn: 3}, 4, time.Second, "-churn 3: less than one connection in a window of 1s for each of 4 replicas; want at least 4, or a longer -d"},
		{Workload{Conns: 10, Busy: 3}, 4, time.Second, "-busy 3: want at least one connection for each of 4 replicas"},
	} {
		got := ""
		if err := test.w.Fits(test.replicas, test.window); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%v on %d replicas: %s\nwant %s", test.w, test.replicas, got, test.want)
		}
	}
}

// The shares of a workload add up to it, and are parts of one load.
func TestSharesAddUp(t *testing.T) {
	whole := Workload{Protocol: proto.Echo, Conns: 1003, Busy: 500, Size: 8, Rate: 1024, Churn: 8, ConnectRate: 64, ConnectStages: "10s:1k"}
	for _, n := range []int{1, 2, 4, 32} {
		sum := whole.Share(0, n)
		for i := 1; i < n; i++ {
			share := whole.Share(i, n)
			if first := whole.Share(0, n).Conns; share.Conns > first || share.Conns < first-1 {
				t.Errorf("share %d of %d has %d connections, the first %d", i, n, share.Conns, first)
			}
			if flag, _, _ := sum.Differs(share); flag != "" {
				t.Errorf("share %d of %d differs in -%s", i, n, flag)
			}
			sum = sum.Plus(share)
		}
		if sum != whole {
			t.Errorf("%d shares are %v together, want %v", n, sum, whole)
		}
	}
}

func TestDiffers(t *testing.T) {
	base := Workload{Protocol: proto.Echo, Conns: 10, Size: 8}
	for flag, other := range map[string]Workload{
		"":               {Protocol: proto.Echo, Conns: 20, Size: 8, ConnectRate: 5},
		"size":           {Protocol: proto.Echo, Conns: 10, Size: 9},
		"proto":          {Protocol: proto.WebSocket, Conns: 10, Size: 8},
		"rate":           {Protocol: proto.Echo, Conns: 10, Size: 8, Rate: 5},
		"busy":           {Protocol: proto.Echo, Conns: 10, Size: 8, Busy: 5},
		"pipeline":       {Protocol: proto.Echo, Conns: 10, Size: 8, Pipeline: 2},
		"stages":         {Protocol: proto.Echo, Conns: 10, Size: 8, Stages: "10s:1k"},
		"connect-stages": {Protocol: proto.Echo, Conns: 10, Size: 8, ConnectStages: "10s:1k"},
		"idle":           {Protocol: proto.Echo, Conns: 10, Idle: true},
	} {
		if got, _, _ := base.Differs(other); got != flag {
			t.Errorf("%v differs in %q, want %q", other, got, flag)
		}
	}
}

// The last connection is due when the rate says; after the stages their last rate goes on.
func TestConnecting(t *testing.T) {
	for _, test := range []struct {
		w    Workload
		want time.Duration
	}{
		{Workload{Conns: 100}, 0},
		{Workload{Conns: 100, ConnectRate: 10}, 10 * time.Second},
		{Workload{Conns: 1, ConnectStages: "10s:10"}, 0},
		{Workload{Conns: 1, ConnectStages: "5s:0,10s:10"}, 5 * time.Second},
		{Workload{Conns: 51, ConnectStages: "10s:10"}, 5 * time.Second},
		{Workload{Conns: 101, ConnectStages: "10s:10"}, 10 * time.Second},
		{Workload{Conns: 201, ConnectStages: "10s:10"}, 20 * time.Second},
		{Workload{Conns: 201, ConnectStages: "10s:0..20"}, 15 * time.Second},
		{Workload{Conns: 100, ConnectStages: "10s:20..0"}, 9 * time.Second}, // 20·t − t² = 99
	} {
		if err := test.w.WithDefaults().Validate(); err != nil {
			t.Error(err)
		}
		if got := test.w.Connecting(); (got - test.want).Abs() > 1 { // it is rounded
			t.Errorf("%v connects in %v, want %v", test.w, got, test.want)
		}
	}
}

func TestKinds(t *testing.T) {
	for kind, w := range map[Kind]Workload{
		Closed: {}, Pipelined: {Pipeline: 2}, Open: {RateShare: .5}, Staged: {Stages: "1s:1"}, Churn: {Churn: 1}, Storm: {Storm: true}, Idle: {Idle: true}, Push: {Push: true},
	} {
		if got := w.Kind(); got != kind {
			t.Errorf("%v is %s, want %s", w, got, kind)
		}
	}
}

// The JSON is that of run files, in which a work is a word.
func TestJSON(t *testing.T) {
	w := Workload{Protocol: proto.Echo, Conns: 10, Size: 8, Work: servers.Work{Sleep: time.Millisecond}}
	text, err := json.Marshal(w)
	if want := `{"conns":10,"proto":"echo","size":8,"work":"sleep:1ms"}`; err != nil || string(text) != want {
		t.Errorf("%s, %v; want %s", text, err, want)
	}
	var got Workload
	if err := json.Unmarshal(text, &got); err != nil || got != w {
		t.Errorf("read as %v, %v", got, err)
	}
	for _, none := range []string{"", "none"} { // what is no mode of ours has no work
		if err := json.Unmarshal([]byte(`{"work":"`+none+`"}`), &got); err != nil || got.Work != (servers.Work{}) {
			t.Errorf("work %q is read as %v, %v", none, got.Work, err)
		}
	}
}
