package compare

import (
	"bytes"
	"encoding/json"
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
func Write(w io.Writer, c Comparison, format string) error {
	return WritePainted(w, c, format, func(_ Verdict, word string) string { return word })
}

// WritePainted is Write for a terminal: text has the colours of paint.
func WritePainted(w io.Writer, c Comparison, format string, paint Paint) error {
	var out bytes.Buffer
	switch format {
	case "", "text":
		writeText(&out, c, paint)
	case "markdown":
		writeMarkdown(&out, c)
	case "json":
		e := json.NewEncoder(&out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if err := e.Encode(c); err != nil {
			return fmt.Errorf("compare: %w", err)
		}
	default:
		return fmt.Errorf("-format %s: want one of %s", format, strings.Join(Formats(), ", "))
	}
	text := out.Bytes()
	if format == "json" {
		text = plain.JSON(text)
	}
	_, err := w.Write(text)
	return err
}
