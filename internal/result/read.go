package result

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"c1m/internal/workload"
	"c1m/servers"
)

// Read reads a run file. name is what errors call it; each of them names the
// line too ("runs/x.jsonl:3: …"). A file that is empty, that is no run file,
// that has another schema or a damaged line is refused. One thing is forgiven:
// a last line that was cut off, which a crash leaves, is dropped, and
// Run.Truncated says so.
func Read(r io.Reader, name string) (Run, error) { return read(r, name, maxHistograms) }

func read(r io.Reader, name string, most int) (Run, error) {
	lines := lineReader{r: bufio.NewReader(r)}
	var run Run
	histograms := 0
	for {
		text, whole, err := lines.next()
		at := func(err error) error { return fmt.Errorf("%s:%d: %w", name, lines.number, err) }
		switch {
		case err == io.EOF && lines.number == 0:
			return Run{}, fmt.Errorf("%s:1: empty: want a run file, as bench run -o writes it", name)
		case err == io.EOF:
			return run, nil
		case err != nil && lines.number == 0: // a directory, for one
			var path *fs.PathError
			if errors.As(err, &path) {
				err = path.Err
			}
			return Run{}, fmt.Errorf("%s: %w", name, err)
		case err != nil:
			return Run{}, at(err)
		}
		if lines.number == 1 {
			if run.Header, err = readHeader(text); err != nil {
				return Run{}, at(err)
			}
			continue
		}
		trial, err := readTrial(text, len(run.Header.Cells))
		var syntax *json.SyntaxError
		if !whole && errors.As(err, &syntax) {
			run.Truncated = true
			return run, nil
		}
		if err != nil {
			return Run{}, at(err)
		}
		histograms += trial.histograms()
		switch {
		case len(run.Trials) == maxTrials:
			return Run{}, at(fmt.Errorf("more than %d trials in one file", maxTrials))
		case histograms > most:
			return Run{}, at(fmt.Errorf("more than %d histograms in one file, of which each takes 220 KB of memory", most))
		}
		run.Trials = append(run.Trials, trial.withWorkload(run.Header.Cells[trial.Cell]))
	}
}

// readHeader judges the schema before anything else: a newer header may have
// other types in it.
func readHeader(text []byte) (Header, error) {
	var version struct {
		Schema *int `json:"c1m"`
	}
	if err := json.Unmarshal(text, &version); err != nil || version.Schema == nil {
		return Header{}, errors.New(`not a run file: the first line has no "c1m" schema version`)
	}
	switch v := *version.Schema; {
	case v > Schema:
		return Header{}, fmt.Errorf("was written by a newer version (schema %d): this program reads schema %d", v, Schema)
	case v != Schema:
		return Header{}, fmt.Errorf("unknown schema %d: this program reads schema %d", v, Schema)
	}
	var h Header
	if err := fewObjects(text, headerObjects); err != nil {
		return Header{}, fmt.Errorf("damaged header: %w", err)
	}
	if err := json.Unmarshal(text, &h); err != nil {
		return Header{}, fmt.Errorf("damaged header: %w", err)
	}
	if err := h.validate(); err != nil {
		return Header{}, fmt.Errorf("damaged header: %w", err)
	}
	return h, nil
}

func readTrial(text []byte, cells int) (Trial, error) {
	var line struct {
		Schema *int `json:"c1m"`
		Trial
	}
	if err := fewObjects(text, trialObjects); err != nil {
		return Trial{}, fmt.Errorf("damaged: %w", err)
	}
	if err := json.Unmarshal(text, &line); err != nil {
		return Trial{}, fmt.Errorf("damaged: %w", err)
	}
	if line.Schema != nil {
		return Trial{}, errors.New("a second header: this file is two run files in one")
	}
	if err := line.Trial.validate(cells); err != nil {
		return Trial{}, fmt.Errorf("damaged: %w", err)
	}
	return line.Trial, nil
}

// withWorkload gives a trial of an older program the workload that its cell
// has, and the trial the rate of.
func (t Trial) withWorkload(cell Cell) Trial {
	if t.Load == nil || t.Load.Workload != (workload.Workload{}) {
		return t
	}
	w := cell.Workload
	w.RateShare, w.SLO, w.Upgrade, w.Work = 0, "", "", servers.Work{} // are no replica's
	if t.Rate > 0 {
		w.Rate = t.Rate
	}
	if w.Rate == 0 {
		w.Arrivals = ""
	}
	t.Load.Workload = w
	return t
}

// lineReader reads lines up to maxLine and counts them. bufio.Scanner would
// do, but for not telling whether the last line had its newline.
type lineReader struct {
	r      *bufio.Reader
	number int // of the line last returned, from 1
	size   int // bytes read
}

// next returns the next line that is not blank, and whether it had its
// newline. The line is the caller's.
func (l *lineReader) next() (text []byte, whole bool, err error) {
	for {
		text, whole, err = l.raw()
		if err != nil || l.number == 1 || len(bytes.TrimSpace(text)) > 0 {
			return text, whole, err
		}
	}
}

func (l *lineReader) raw() (text []byte, whole bool, err error) {
	for {
		piece, err := l.r.ReadSlice('\n')
		if len(text) == 0 && len(piece) > 0 {
			l.number++
		}
		text = append(text, piece...)
		l.size += len(piece)
		switch {
		case l.size > maxFile:
			return nil, false, fmt.Errorf("a file of more than %d MiB: not a run file, or several in one", maxFile>>20)
		case len(text) > maxLine:
			return nil, false, fmt.Errorf("a line longer than %d MiB: not a run file, or damaged", maxLine>>20)
		case err == nil:
			return text, true, nil
		case err == bufio.ErrBufferFull:
		case err == io.EOF && len(text) > 0:
			return text, false, nil
		default:
			return nil, false, err
		}
	}
}
