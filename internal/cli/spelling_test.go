//go:build linux

package cli

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"c1m/internal/workload"
)

// A flag of a workload that has another name where it takes a list is known by both.
func TestListedNamesAreSpellings(t *testing.T) {
	for _, f := range workload.Flags(workload.Client | workload.Server | workload.Run) {
		if f.InLists() != f.Name && !slices.ContainsFunc(spellings, func(words []string) bool { return slices.Equal(words, []string{f.Name, f.InLists()}) }) {
			t.Errorf("-%s is -%s in lists: add both to spellings", f.Name, f.InLists())
		}
	}
}

// A suggestion is a flag by its name in the command.
func TestSuggestions(t *testing.T) {
	for typed, want := range map[string]string{
		"bench run -con 5":    "unknown flag -con: did you mean -conns?",
		"bench run -cnn 5":    "unknown flag -cnn: did you mean -conns?",
		"bench run -conss 5":  "unknown flag -conss: did you mean -conns?",
		"client -con 5":       "unknown flag -con: did you mean -conn?",
		"client -connss 5":    "unknown flag -connss: did you mean -conn?",
		"bench run -concur 5": "unknown flag -concur: did you mean -concurrency?",
		"bench run -bogus":    "unknown flag -bogus: see --help",
	} {
		words := strings.Fields(typed)
		var stdout, stderr bytes.Buffer
		if code := Main(words[0], words[1:], strings.NewReader(""), &stdout, &stderr); code != exitUsage || !strings.Contains(stderr.String(), want) {
			t.Errorf("%s: exit code %d, %s; want %s", typed, code, stderr.String(), want)
		}
	}
}
