//go:build linux

package engine

import (
	"strings"
	"testing"
)

// saying is the platform with a kubectl that says so and ends with that code.
func saying(t *testing.T, network, says, code string) *kubernetes {
	t.Helper()
	return scripted(t, Kubernetes, network, "echo '"+says+"'\nexit "+code).(*kubernetes)
}

func TestKubernetesAddresses(t *testing.T) {
	for _, test := range []struct{ network, says, listen, dial string }{
		{NetworkHost, "", "[$(C1M_ADDRESS)]:0", "10.1.0.9:40001"},
		{NetworkBridge, "10.96.0.7", ":8972", "10.96.0.7:8972"},
		{NetworkBridge, "fd00::7", ":8972", "[fd00::7]:8972"},
	} {
		k := saying(t, test.network, test.says, "0")
		dial, err := k.dial(t.Context(), job{name: "c1m-1-server"}, "10.1.0.9:40001")
		if err != nil || dial != test.dial || k.listen() != test.listen {
			t.Errorf("%s: listens at %s, is dialled at %s (%v); want %s and %s", test.network, k.listen(), dial, err, test.listen, test.dial)
		}
	}
	k := saying(t, NetworkHost, "127.0.0.1", "0")
	k.server = "c1m-1-server"
	if addr, err := k.harness(t.Context(), "192.0.2.1:1"); err != nil || addr != "127.0.0.1:0" {
		t.Errorf("the route to a node on this machine is from %s, %v", addr, err)
	}
	// A server that is no pod of ours; the one before it was, and is gone.
	k = saying(t, NetworkHost, "Error from server (NotFound)", "1")
	k.server = "c1m-1-server"
	_ = k.remove(t.Context(), job{name: "c1m-1-server"})
	if addr, err := k.harness(t.Context(), "127.0.0.1:8972"); err != nil || addr != "127.0.0.1:0" {
		t.Errorf("the route to a target on this machine is from %s, %v", addr, err)
	}
}

func TestKubernetesCheck(t *testing.T) {
	for _, test := range []struct{ says, code, want string }{
		{"yes", "0", ""},
		{"no", "1", "this user may not create jobs"},
		{"", "1", "no usable cluster"},
	} {
		err := saying(t, NetworkHost, test.says, test.code).check(t.Context())
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("kubectl says %q: error %v, want %q", test.says, err, test.want)
		}
	}
}
