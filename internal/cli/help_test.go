//go:build linux

package cli

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"c1m/internal/check"
	"c1m/internal/result"
	"c1m/internal/workload/workloadtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// commands are all that have help.
var commands = []string{
	"server", "client", "bench", "bench run", "bench report", "bench merge", "bench compare", "bench trend", "bench ab", "bench audit", "bench conform", "bench peers",
	"bench doctor", "bench clean", "bench server", "bench client", "bench help", "bench completion",
}

// helped is what a command line prints that asks for help.
func helped(t *testing.T, words ...string) string {
	t.Helper()
	var out, err bytes.Buffer
	if code := run(t.Context(), words[0], words[1:], streams{nil, &out, &err}); code != exitOK || err.Len() > 0 {
		t.Fatalf("%q: exit code %d, %s", words, code, &err)
	}
	return out.String()
}

// Everything that explains itself fits a terminal of 80 columns.
func TestHelpFitsTheTerminal(t *testing.T) {
	texts := map[string]string{"bench help": helped(t, "bench", "help")}
	for _, command := range commands {
		for _, ask := range []string{"-h", "--help"} {
			texts[command+" "+ask] = helped(t, append(strings.Fields(command), ask)...)
		}
	}
	for _, name := range topicNames() {
		texts["bench help "+name] = helped(t, "bench", "help", name)
	}
	for asked, text := range texts {
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(line, "\n")
			if n := utf8.RuneCountInString(line); n > 80 || strings.TrimRight(line, " ") != line || strings.Contains(line, "`") {
				t.Errorf("%s: a line of %d columns: %s", asked, n, line)
			}
		}
	}
}

func TestHelp(t *testing.T) {
	for _, command := range commands {
		for _, ask := range []string{"-h", "--help"} {
			text := helped(t, append(strings.Fields(command), ask)...)
			golden(t, filepath.Join("testdata", "help", strings.ReplaceAll(command, " ", "_")+ask+".txt"), text)
		}
	}
	for _, word := range []string{"run", "client", "help"} {
		if got, want := helped(t, "bench", "help", word), helped(t, "bench", word, "--help"); got != want {
			t.Errorf("bench help %s is not bench %s --help:\n%s", word, word, got)
		}
	}
	if got, want := helped(t, "bench", "run", "-q", "-h", "-bogus"), helped(t, "bench", "run", "-h"); got != want {
		t.Errorf("-h among other flags shows\n%s", got)
	}
}

func golden(t *testing.T, name, text string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if want := read(t, name); text != want {
		t.Errorf("%s: got\n%s\nwant\n%s", name, text, want)
	}
}

// each calls do for every flag of every command that help lists.
func eachFlag(c *cobra.Command, do func(*cobra.Command, *pflag.Flag)) {
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden && f.Name != "help" && f.Name != "version" {
			do(c, f)
		}
	})
	for _, sub := range c.Commands() {
		eachFlag(sub, do)
	}
}

// No flag is missing from help for want of a group, or listed in one that has no
// place.
func TestEveryFlagHasAGroup(t *testing.T) {
	known := " " + strings.Join(groups, " ") + " "
	eachFlag(newBench(streams{}, nil), func(c *cobra.Command, f *pflag.Flag) {
		if !strings.Contains(known, " "+annotation(f, inGroup)+" ") || annotation(f, inGroup) == "" {
			t.Errorf("%s: -%s is in group %q", c.Name(), f.Name, annotation(f, inGroup))
		}
	})
}

// The topic names every check that a trial can have.
func TestTopicOfChecks(t *testing.T) {
	text := helped(t, "bench", "help", "checks")
	for _, w := range workloadtest.Each() {
		replica := result.Replica{Workload: w}
		if w.Storm {
			replica.Storm = &result.Storm{}
		}
		for _, c := range check.Trial(result.Cell{Workload: w}, replica) {
			if !strings.Contains(text, "\n  "+c.Name+" ") {
				t.Errorf("bench help checks does not name %s", c.Name)
			}
		}
	}
}

func TestUnknownTopic(t *testing.T) {
	for word, want := range map[string]string{
		"trafic": `bench help: unknown topic "trafic": did you mean traffic?`,
		"rnu":    `bench help: unknown topic "rnu": did you mean run?`,
		"cookie": `bench help: unknown topic "cookie": see bench help`,
	} {
		var out, err bytes.Buffer
		code := run(t.Context(), "bench", []string{"help", word}, streams{nil, &out, &err})
		if code != exitUsage || err.String() != want+"\n" || out.Len() > 0 {
			t.Errorf("help %s: %d, %s%s", word, code, &out, &err)
		}
	}
}
