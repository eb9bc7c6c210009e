package cli

import (
	"testing"

	"github.com/spf13/pflag"
)

// A flag that was given by another spelling is the same flag, and is known to
// have been given.
func TestSpellings(t *testing.T) {
	for _, words := range spellings {
		for _, own := range words {
			for _, typed := range words {
				flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
				value := flags.String(own, "", "")
				acceptSpellings(flags)
				args := Normalise([]string{"-" + typed, "5"}, flags)
				if err := flags.Parse(args); err != nil {
					t.Errorf("-%s for -%s: %v", typed, own, err)
				}
				if *value != "5" || !flags.Changed(own) {
					t.Errorf("-%s 5: -%s is %q, changed: %v", typed, own, *value, flags.Changed(own))
				}
			}
		}
	}
}

// A command that has two spellings as flags of their own keeps both.
func TestSpellingsApart(t *testing.T) {
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	one, two := flags.String("conn", "", ""), flags.String("conns", "", "")
	acceptSpellings(flags)
	if err := flags.Parse([]string{"--conn=1", "--conns=2"}); err != nil || *one != "1" || *two != "2" {
		t.Errorf("-conn %s, -conns %s, %v", *one, *two, err)
	}
}
