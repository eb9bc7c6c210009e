//go:build linux

package engine

import (
	"testing"
	"time"
)

func TestWords(t *testing.T) {
	for text, want := range map[string]Word{
		"go 0s":                     {Name: WordGo},
		"go 200ms":                  {Name: WordGo, Delay: 200 * time.Millisecond},
		"window 1.5s":               {Name: WordWindow, Delay: 1500 * time.Millisecond},
		"window 20ms 1f@123456":     {Name: WordWindow, Delay: 20 * time.Millisecond, Instant: Instant{0x1f, 123456}},
		"release":                   {Name: WordRelease},
		"refused twice the same id": {Name: WordRefused, Reason: "twice the same id"},
	} {
		got, err := ParseWord(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%q is read as %+v, written %q, %v", text, got, got, err)
		}
	}
	for _, text := range []string{"", "go", "go now", "go -1s", "window", "release 1s", "stop", "GO 1s", "go 1s 1f", "go 1s @5", "go 1s 0@5", "go 1s 1f@-5", "go 1s 1f@5s"} {
		if got, err := ParseWord(text); err == nil {
			t.Errorf("%q passed as %+v", text, got)
		}
	}
}

func TestLead(t *testing.T) {
	if lead(1) != 0 {
		t.Error("one replica waits for others")
	}
	if lead(2) <= 0 || lead(50) <= lead(2) || lead(100_000) != time.Second {
		t.Errorf("leads %v, %v, %v", lead(2), lead(50), lead(100_000))
	}
}
