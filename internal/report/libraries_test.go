package report

import (
	"strings"
	"testing"

	"c1m/internal/result"
	"c1m/internal/result/resulttest"
)

// Rows on libraries have their versions below the table, those of one library together and
// once; others are not named.
func TestLibraryVersions(t *testing.T) {
	run := resulttest.Table()
	for i, c := range run.Header.Cells {
		if c.Kind == result.KindExec || c.Kind == result.KindMode {
			run.Header.Cells[i].Library, run.Header.Cells[i].Version = "example.com/lib", "v1.2\x1b[31m.3"
		}
	}
	for _, o := range []Options{{Format: "text"}, {Format: "text", Wide: true}, {Format: "text", Notes: true}, {Format: "markdown"}} {
		var out strings.Builder
		if err := Write(&out, run, o); err != nil {
			t.Fatal(err)
		}
		text := strings.Join(strings.Fields(out.String()), " ")
		if strings.Count(text, "v1.2.3") != 1 || !strings.Contains(text, "· multiepoll:handoff-random/c v1.2.3") {
			t.Errorf("%+v: the version is not there once:\n%s", o, &out)
		}
	}
}
