package report

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"c1m/internal/result"
)

// The runs that are committed still say what was committed with them.
func TestCommittedResults(t *testing.T) {
	files, err := filepath.Glob("../../results/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			file, err := os.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			run, err := result.Read(file, name)
			if err != nil {
				t.Fatal(err)
			}
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
