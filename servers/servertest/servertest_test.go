//go:build linux

package servertest_test

import (
	"os"
	"strings"
	"sync"
	"testing"

	"c1m/internal/proctest"
	"c1m/servers"
	"c1m/servers/servertest"
)

func TestMain(m *testing.M) { os.Exit(servertest.Main(m, serve)) }

func TestReference(t *testing.T) {
	servertest.Run(t, servers.Config{Variant: string(reference)})
}

func TestPreforkReference(t *testing.T) {
	servertest.Prefork(t, servers.Config{Variant: preforkReference, Concurrency: children})
}

// faultVariable makes TestFaulty run; its failure is what TestSuite wants.
const faultVariable = "C1M_SERVERTEST_FAULT"

func TestFaulty(t *testing.T) {
	variant, is := os.LookupEnv(faultVariable)
	if !is {
		t.Skipf("%s names no fault", faultVariable)
	}
	cfg := servers.Config{Variant: variant, Concurrency: children}
	if isPrefork(variant) {
		t.Run("prefork", func(t *testing.T) { servertest.Prefork(t, cfg) })
	}
	t.Run("contract", func(t *testing.T) { servertest.Run(t, cfg) })
}

// TestSuite runs the suite against servers that are each wrong in one way; the
// clause that forbids it must fail, for that reason.
func TestSuite(t *testing.T) {
	tests := []struct{ variant, item, says string }{
		{string(wrongBytes), "contract/echo/data.size", "bytes was sent; expected it back; byte"},
		{string(wrongOrder), "contract/echo/data.order", "expected them back in order"},
		{string(ipv4Only), "contract/addresses", "connection refused"},
		{string(noWork), "contract/work", "want at least 60ms"},
		{string(oneAtATime), "contract/echo/others.stalled", "50 others exchanged messages; expected 100 replies to each of the others; 50 of 50"},
		{string(greedy), "contract/echo/others.greedy", "expected 50 replies to each of the others; 20 of 20"},
		{string(fewServed), "contract/echo/others.all", "400 of 500 connections failed"},
		{string(ignoresEnd), "contract/echo/leave.half", "50 of 50 connections failed"},
		{string(spinsOnEnd), "contract/echo/rest.close", "expected the server at rest again"},
		{string(countsResets), "contract/echo/rest.reset", "a peer that goes away is no error"},
		{string(twoEach), "contract/echo/fd.one", "expected one descriptor for each; they hold 400"},
		{string(spinsOnLimit), "contract/echo/fd.out", "it still uses"},
		{string(dropsOnLimit), "contract/echo/fd.out", "too many open files"},
		{string(keepsAll), "contract/echo/mem.deaf", "its memory grew by"},
		{string(waitsForAll), "contract/echo/stop", "did not return within 3s"},
		{string(leaksRoutine), "contract/echo/stop", "left goroutines"},
		{string(leaksSocket), "contract/echo/stop", "left +1 descriptors"},
		{string(hidesError), "contract/address-in-use", "Serve returned nil"},
		{string(countsNothing), "contract/counters", "Messages:0"},
		{preforkLeaves, "contract/echo/stop", "left the processes"},
		{preforkOrphans, "prefork/parent-killed", "live on; want none"},
		{preforkLoses, "prefork/child-killed", "want another in the place of each"},
		{preforkMiscounts, "prefork/child-killed", "killed and replaced: the counters say"},
	}

	// They wait more than they work: more at a time than there are
	// processors, whatever -parallel says.
	const atOnce = 6
	places := make(chan struct{}, atOnce)
	var group sync.WaitGroup
	outs, errs := make([][]byte, len(tests)), make([]error, len(tests))
	for i, tt := range tests {
		group.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			pattern := "^TestFaulty$/^" + strings.ReplaceAll(tt.item, "/", "$/^") + "$"
			cmd := proctest.Command("-test.run="+pattern, "-test.timeout=60s")
			cmd.Env = append(os.Environ(), faultVariable+"="+tt.variant)
			outs[i], errs[i] = cmd.CombinedOutput()
		})
	}
	group.Wait()
	for i, tt := range tests {
		t.Run(tt.variant, func(t *testing.T) {
			if errs[i] == nil {
				t.Fatalf("the suite let the fault %s pass %s:\n%s", tt.variant, tt.item, outs[i])
			}
			for _, want := range []string{"--- FAIL: TestFaulty/" + tt.item, tt.says} {
				if !strings.Contains(string(outs[i]), want) {
					t.Errorf("the fault %s in %s does not say %q:\n%s", tt.variant, tt.item, want, outs[i])
				}
			}
		})
	}
}
