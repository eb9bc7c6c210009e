package trend

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"c1m/internal/plain"
)

// Formats are the names of the renderings here, the default first.
func Formats() []string { return []string{"text", "otava", "json"} }

// Paint gives the word of a verdict its colour.
type Paint func(v Verdict, word string) string

// Write renders a trend to w, in one Write.
func Write(w io.Writer, t Trend, format string, paint Paint) error {
	var out bytes.Buffer
	switch format {
	case "", "text":
		writeText(&out, t, paint)
	case "otava":
		if err := writeOtava(&out, t); err != nil {
			return fmt.Errorf("trend: %w", err)
		}
	case "json":
		text, err := plain.Document(t)
		if err != nil {
			return fmt.Errorf("trend: %w", err)
		}
		out.Write(text)
	default:
		return fmt.Errorf("-format %s: want one of %s", format, strings.Join(Formats(), ", "))
	}
	_, err := w.Write(out.Bytes())
	return err
}
