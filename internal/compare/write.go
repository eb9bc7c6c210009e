package compare

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"c1m/internal/plain"
)

// Formats are the names of the renderings, the default first.
func Formats() []string { return []string{"text", "markdown", "json"} }

// Paint gives the word of a verdict its colour.
type Paint func(v Verdict, word string) string

// Write renders a comparison to w, in one Write. Markdown is fit for the
// summary of a CI job: the verdict first, changed rows next, the rest folded.
// paint applies to text.
func Write(w io.Writer, c Comparison, format string, paint Paint) error {
	var out bytes.Buffer
	switch format {
	case "", "text":
		writeText(&out, c, paint)
	case "markdown":
		writeMarkdown(&out, c)
	case "json":
		text, err := plain.Document(c)
		if err != nil {
			return fmt.Errorf("compare: %w", err)
		}
		out.Write(text)
	default:
		return fmt.Errorf("-format %s: want one of %s", format, strings.Join(Formats(), ", "))
	}
	_, err := w.Write(out.Bytes())
	return err
}
