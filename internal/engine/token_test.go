//go:build linux

package engine

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestTakeToken(t *testing.T) {
	t.Setenv(TokenVariable, "secret")
	t.Setenv(TokenFileVariable, "")
	if token, err := TakeToken(); token != "secret" || err != nil {
		t.Errorf("%q, %v", token, err)
	}
	if os.Getenv(TokenVariable) != "" {
		t.Error("children would have it too")
	}
	if _, err := TakeToken(); err == nil || !strings.Contains(err.Error(), TokenVariable) || !strings.Contains(err.Error(), TokenFileVariable) {
		t.Errorf("without one: %v", err)
	}
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("from a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(TokenFileVariable, file)
	if token, err := TakeToken(); token != "from a file" || err != nil {
		t.Errorf("%q, %v", token, err)
	}
	t.Setenv(TokenFileVariable, "/dev/zero") // which has no end
	if token, err := TakeToken(); len(token) > longestToken || err != nil {
		t.Errorf("%d bytes, %v", len(token), err)
	}
}

// A token has 128 bits at least, and no two loads have the same.
func TestTokensDiffer(t *testing.T) {
	a, b := newToken(), newToken()
	if a == b || len(a) < 26 || !sameToken(a, a) || sameToken(a, b) || sameToken(a, a+"x") || sameToken(a, "") {
		t.Errorf("%q and %q", a, b)
	}
}

// No order holds a token among its arguments, which are everybody's to read.
func TestOrdersHoldNoToken(t *testing.T) {
	j := job{name: "c1m-1-client", run: "1", args: []string{"client"}, replicas: 2, token: "secret-token"}
	d := docker{tool: &tool{name: "docker"}, cfg: ContainerConfig{Image: "c1m"}}
	s := swarm{docker: d}
	for _, args := range [][]string{d.runArgs(j, 0), d.runArgs(j, 1), s.createArgs(j)} {
		if slices.ContainsFunc(args, func(arg string) bool { return strings.Contains(arg, j.token) }) {
			t.Errorf("%q hold it", args)
		}
	}
	if got, want := tokenEnv(j), "C1M_TOKEN=secret-token\n"; got != want {
		t.Errorf("on standard input: %q, want %q", got, want)
	}
}
