package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// testFlags is a flag set with every kind of flag there is.
func testFlags() *pflag.FlagSet {
	f := pflag.NewFlagSet("test", pflag.ContinueOnError)
	f.String("mode", "", "")
	f.Int("conn", 0, "")
	f.String("sm", "", "")
	f.IntP("concurrency", "c", 0, "")
	f.DurationP("duration", "d", 0, "")
	f.StringP("out", "o", "", "")
	f.BoolP("quiet", "q", false, "")
	f.Bool("wide", false, "")
	f.BoolP("help", "h", false, "")
	return f
}

func TestNormalise(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"", ""},
		{"-mode=prefork", "--mode=prefork"},
		{"-mode prefork", "--mode prefork"},
		{"--mode=prefork --conn 5", "--mode=prefork --conn 5"},
		{"-conn 20000 -c 10", "--conn 20000 -c 10"},
		{"-c=50", "-c=50"},
		{"-c50", "-c50"},
		{"-c -conn", "-c -conn"}, // a value, though it looks like a flag
		{"-mode -conn -conn 5", "--mode -conn --conn 5"},
		{"-sm -q", "--sm -q"},
		{"-qc 5 -conn 6", "-qc 5 --conn 6"},
		{"-qc5 -conn 6", "-qc5 --conn 6"},
		{"-wide -conn 6", "--wide --conn 6"}, // a switch takes no value
		{"-q -wide", "-q --wide"},
		{"-d 10s -o -x -wide", "-d 10s -o -x --wide"},
		{"-h", "-h"},
		{"-help", "--help"},
		{"-wide=false x -mode=y", "--wide=false x --mode=y"},
		{"-- -mode=x", "-- -mode=x"},
		{"-mode -- -mode=x", "--mode -- --mode=x"}, // the value is --
		{"-bogus=1", "--bogus=1"},                  // so that the error names it whole
		{"-conss 5", "--conss 5"},                  // -c takes no word
		{"-dx 5", "--dx 5"},
		{"-d1m -c.5k -c-1", "-d1m -c.5k -c-1"},
		{"-oruns.jsonl -qoruns.jsonl", "-oruns.jsonl -qoruns.jsonl"},
		{"-otu x", "--otu x"}, // -out
		{"-quite", "--quite"},
		{"-", "-"},
		{"-é", "--é"},
		{"-=", "-="},
		{"-5", "-5"},
	} {
		got := strings.Join(Normalise(strings.Fields(test.in), testFlags()), " ")
		if got != test.want {
			t.Errorf("Normalise(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func TestNormaliseKeepsItsInput(t *testing.T) {
	in := []string{"-mode=x", "-conn", "5"}
	before := slices.Clone(in)
	Normalise(in, testFlags())
	if !slices.Equal(in, before) {
		t.Errorf("Normalise changed its argument to %q", in)
	}
}

func FuzzNormalise(f *testing.F) {
	for _, seed := range []string{"-mode=x\n-c\n5", "--\n-mode", "-qc\n-conn\n-conn\n1", "-sm\n-5", "-\xff=", "-o\n--\n-wide"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, joined string) {
		in := strings.Split(joined, "\n")
		out := Normalise(in, testFlags())
		if len(out) != len(in) {
			t.Fatalf("%d arguments became %d", len(in), len(out))
		}
		for i := range in {
			if out[i] == in[i] {
				continue
			}
			// The only change there is: one dash more, before a name of two
			// letters or more.
			if out[i] != "-"+in[i] || strings.HasPrefix(in[i], "--") || len(in[i]) < 3 {
				t.Errorf("%q became %q", in[i], out[i])
			}
		}
		if again := Normalise(out, testFlags()); !slices.Equal(again, out) {
			t.Errorf("normalising %q again gives %q", out, again)
		}
		// What already is in pflag's own form means the same afterwards.
		before, after := testFlags(), testFlags()
		if before.Parse(in) == nil && !slices.ContainsFunc(in, func(s string) bool {
			return len(s) > 2 && s[0] == '-' && s[1] != '-'
		}) {
			if err := after.Parse(out); err != nil {
				t.Fatalf("%q parses, %q does not: %v", in, out, err)
			}
			before.VisitAll(func(b *pflag.Flag) {
				if a := after.Lookup(b.Name); a.Value.String() != b.Value.String() {
					t.Errorf("-%s is %q before, %q after", b.Name, b.Value, a.Value)
				}
			})
		}
	})
}
