package report

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The runs that are committed still say what was committed with them.
func TestCommittedResults(t *testing.T) {
	files, err := filepath.Glob("../../results/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			run := kept(t, filepath.Base(name))
			want, err := os.ReadFile(strings.TrimSuffix(name, ".jsonl") + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			if err := Write(&got, run, Options{Format: "text"}); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("its table has changed:\n%s", got.String())
			}
		})
	}
}
