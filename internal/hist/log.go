package hist

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Interval is one histogram of a log: the durations recorded between two times.
type Interval struct {
	Tag       string // the series in the log; see LogTag
	Start     time.Time
	Length    time.Duration
	Histogram Loggable
}

// Loggable is a histogram that a log can hold: a Coarse, or a *Histogram.
type Loggable interface {
	logged() *hdrhistogram.Histogram // a copy
}

func (h *Histogram) logged() *hdrhistogram.Histogram {
	bins := newBins()
	if h != nil {
		h.addTo(bins)
	}
	return bins
}

// WriteLog writes intervals as an HdrHistogram log, format 1.3: per line the start
// and length in seconds, the largest value in milliseconds, and the buckets in
// nanoseconds. Starts are relative to start, truncated to whole seconds. The exact
// sum, minimum and maximum, and the numbers of clamped durations are lost.
//
// The format is that of https://github.com/HdrHistogram/HdrHistogram, class
// HistogramLogWriter.
func WriteLog(w io.Writer, start time.Time, comments []string, intervals []Interval) error {
	log := hdrhistogram.NewHistogramLogWriter(w)
	for _, c := range comments {
		if err := log.OutputComment(" " + strings.Join(strings.Fields(c), " ")); err != nil {
			return fmt.Errorf("write histogram log: %w", err)
		}
	}
	base := start.Truncate(time.Second).UnixMilli()
	log.SetBaseTime(base)
	for _, step := range []func() error{
		log.OutputLogFormatVersion,
		func() error { return log.OutputBaseTime(base) },
		func() error { return log.OutputStartTime(base) },
		log.OutputLegend,
	} {
		if err := step(); err != nil {
			return fmt.Errorf("write histogram log: %w", err)
		}
	}
	for _, i := range intervals {
		bins := i.Histogram.logged() // the writer reads tag and times from the histogram
		bins.SetTag(LogTag(i.Tag))
		bins.SetStartTimeMs(i.Start.UnixMilli())
		bins.SetEndTimeMs(i.Start.Add(i.Length).UnixMilli())
		if err := log.OutputIntervalHistogram(bins); err != nil {
			return fmt.Errorf("write histogram log: %w", err)
		}
	}
	return nil
}

// LogTag converts a name to a tag of the log: commas, white space and quotation
// marks, which the format excludes, become underscores.
func LogTag(name string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f || r == ',' || r == '"' {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(name, "?"))
}
