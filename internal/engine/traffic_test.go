//go:build linux

package engine

import (
	"slices"
	"testing"

	"c1m/internal/result"
)

func TestTrafficOfReplicas(t *testing.T) {
	for _, test := range []struct {
		cell result.Cell
		want []string
	}{
		{result.Cell{}, nil},
		{result.Cell{Idle: true}, []string{"--idle"}},
		{result.Cell{Busy: 7}, []string{"--busy=7"}},
		{result.Cell{Churn: 50}, []string{"--churn=50"}},
		{result.Cell{Storm: true}, []string{"--storm"}},
		{result.Cell{Pipeline: 4}, []string{"--pipeline=4"}},
		{
			result.Cell{Protocol: "ws", WSPath: "/chat?a=b c", WSProtocols: []string{"a", "b"}, Headers: []string{"Cookie: a=b; c=d, e", "X: $(HOME)"}},
			[]string{"--proto=ws", "--ws-path=/chat?a=b c", "--ws-protocol=a,b", "--header=Cookie: a=b; c=d, e", "--header=X: $(HOME)"},
		},
	} {
		if got := trafficArgs(test.cell); !slices.Equal(got, test.want) {
			t.Errorf("%+v: %q, want %q", test.cell, got, test.want)
		}
	}
}

// The kubelet replaces $(NAME) in arguments, and takes $$ for $.
func TestArgumentsAreLiteral(t *testing.T) {
	got := literal([]string{"--addr=[$(C1M_ADDRESS)]:0", "--header=X: $(HOME) $$ $"})
	if want := []string{"--addr=[$(C1M_ADDRESS)]:0", "--header=X: $$(HOME) $$$$ $$"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
