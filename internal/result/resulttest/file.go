package resulttest

import (
	"os"
	"path/filepath"
	"testing"

	"c1m/internal/result"
)

// Read reads a run file.
func Read(t testing.TB, name string) result.Run {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	run, err := result.Read(file, filepath.Base(name))
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// Write writes a run to a file.
func Write(t testing.TB, name string, run result.Run) {
	t.Helper()
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	w, err := result.Create(file, run.Header)
	if err != nil {
		t.Fatal(err)
	}
	for _, trial := range run.Trials {
		if err := w.Append(trial); err != nil {
			t.Fatal(err)
		}
	}
}
