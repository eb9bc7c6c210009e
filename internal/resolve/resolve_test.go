//go:build linux

package resolve

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"c1m/internal/result"
)

// fake is a directory of these names, in which only these addresses are served.
func fake(names map[string][]string, served ...string) Directory {
	return Directory{
		resolve: func(_ context.Context, _, name string) ([]netip.Addr, error) {
			var list []netip.Addr
			for _, ip := range names[name] {
				list = append(list, netip.MustParseAddr(ip))
			}
			if list == nil {
				return nil, &net.DNSError{Err: "no such host", Name: name}
			}
			return list, nil
		},
		accepts: func(_ context.Context, at netip.AddrPort) bool { return slices.Contains(served, at.String()) },
	}
}

// Whichever address of a name comes first, the one that is served is taken.
func TestNamesMeanWhatIsServed(t *testing.T) {
	names := map[string][]string{
		"localhost": {"::1", "127.0.0.1", "::1", "::ffff:127.0.0.1"},
		"one":       {"::ffff:10.0.0.1"},
	}
	for _, tt := range []struct {
		word, want string
		served     []string
	}{
		{"localhost", "127.0.0.1", []string{"127.0.0.1:80"}},
		{"localhost", "::1", []string{"[::1]:80"}},
		{"localhost", "::1", []string{"[::1]:80", "127.0.0.1:80"}},
		{"localhost", "::1", []string{"127.0.0.1:81"}}, // nobody at that port: the first
		{" one ", "10.0.0.1", nil},
		{"[::1]", "::1", []string{"127.0.0.1:80"}},
		{"fe80::1%lo", "fe80::1%lo", nil},
		{"::ffff:127.0.0.1", "127.0.0.1", nil},
	} {
		got, err := fake(names, tt.served...).Targets(context.Background(), "ip", []string{tt.word}, 80)
		if err != nil || len(got) != 1 || got[0].String() != tt.want {
			t.Errorf("%s, served %v: %v, %v; want %s", tt.word, tt.served, got, err, tt.want)
		}
	}
	for _, word := range []string{"", "nobody"} {
		if _, err := fake(names).Targets(context.Background(), "ip", []string{word}, 80); err == nil || !strings.HasPrefix(err.Error(), "-ip") {
			t.Errorf("%q: %v", word, err)
		}
	}
}

// A source address has the family of the target.
func TestSourcesAreOfTheTargetsFamily(t *testing.T) {
	d := fake(map[string][]string{"me": {"2001:db8::1", "10.0.0.1"}})
	for target, want := range map[string]string{"10.0.0.2": "10.0.0.1", "2001:db8::2": "2001:db8::1"} {
		got, err := d.Sources(context.Background(), "local", []string{"me"}, netip.MustParseAddr(target))
		if err != nil || len(got) != 1 || got[0].String() != want {
			t.Errorf("to %s: %v, %v; want %s", target, got, err, want)
		}
	}
}

// The names of targets are looked up once for all cells; addresses stay.
func TestTargetsArePinned(t *testing.T) {
	cell := func(at string) result.Cell { return result.Cell{Kind: result.KindTarget, Row: "t", Command: at} }
	cells := []result.Cell{cell("localhost:80"), cell("127.0.0.1:80"), cell("localhost:80"), {Kind: result.KindMode, Row: "epoll"}, cell("[fe80::1%lo]:80")}
	d := fake(map[string][]string{"localhost": {"::1", "127.0.0.1"}}, "127.0.0.1:80")
	lookups, resolve := 0, d.resolve
	d.resolve = func(ctx context.Context, network, name string) ([]netip.Addr, error) {
		lookups++
		return resolve(ctx, network, name)
	}
	if err := d.Pin(context.Background(), cells); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range cells {
		got = append(got, c.Address)
	}
	if want := []string{"127.0.0.1:80", "", "127.0.0.1:80", "", ""}; !slices.Equal(got, want) || lookups != 1 {
		t.Errorf("%q in %d look-ups, want %q in 1", got, lookups, want)
	}
	for _, at := range []string{"nobody:80", "bare", "localhost:http"} {
		if err := d.Pin(context.Background(), []result.Cell{cell(at)}); err == nil || !strings.HasPrefix(err.Error(), "-target t") {
			t.Errorf("%s: %v", at, err)
		}
	}
}
