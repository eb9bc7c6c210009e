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

// Read reads a run file. Errors begin with name and the line ("runs/x.jsonl:3: …").
// It refuses a file that is empty, not a run file, of another schema, or damaged,
// with one exception: a truncated last line, as after a crash, is dropped and
// Run.Truncated set.
func Read(r io.Reader, name string) (Run, error) { return read(r, name, maxHistograms) }

func read(r io.Reader, name string, most int) (Run, error) {
	return readBy(r, name, most, func(Header) decoder { return decodeWhole })
}

// decoder makes a trial of a line, with the schema that only a header has.
type decoder func(text []byte) (schema *int, t Trial, err error)

// readBy chooses the decoder of the trials by the header.
func readBy(r io.Reader, name string, most int, choose func(Header) decoder) (Run, error) {
	lines := lineReader{r: bufio.NewReader(r)}
	var run Run
	var decode decoder
	sum := contents{most: most}
	for {
		text, whole, err := lines.next()
		at := func(err error) error { return fmt.Errorf("%s:%d: %w", name, lines.number, err) }
		switch {
		case err == io.EOF && lines.number == 0:
			return Run{}, fmt.Errorf("%s:1: empty: want a run file, as written by bench run -o", name)
		case err == io.EOF:
			return run, nil
		case err != nil && lines.number == 0: // such as a directory
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
			decode = choose(run.Header)
			continue
		}
		trial, err := readTrial(text, len(run.Header.Cells), decode)
		var syntax *json.SyntaxError
		if !whole && errors.As(err, &syntax) {
			run.Truncated = true
			return run, nil
		}
		if err != nil {
			return Run{}, at(err)
		}
		if err := sum.add(trial); err != nil {
			return Run{}, at(err)
		}
		run.Trials = append(run.Trials, trial.withWorkload(run.Header.Cells[trial.Cell]))
	}
}

// readHeader checks the schema first, because a newer header may have fields of
// other types.
func readHeader(text []byte) (Header, error) {
	var version struct {
		Schema *int `json:"c1m"`
	}
	if err := json.Unmarshal(text, &version); err != nil || version.Schema == nil {
		return Header{}, errors.New(`not a run file: the first line has no "c1m" schema version`)
	}
	switch v := *version.Schema; {
	case v > Schema:
		return Header{}, fmt.Errorf("written by a newer version (schema %d): this program reads schema %d", v, Schema)
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

func readTrial(text []byte, cells int, decode decoder) (Trial, error) {
	if err := fewObjects(text, trialObjects); err != nil {
		return Trial{}, fmt.Errorf("damaged: %w", err)
	}
	schema, trial, err := decode(text)
	if err != nil {
		return Trial{}, fmt.Errorf("damaged: %w", err)
	}
	if schema != nil {
		return Trial{}, errors.New("a second header: this file is two run files in one")
	}
	if err := trial.validate(cells); err != nil {
		return Trial{}, fmt.Errorf("damaged: %w", err)
	}
	return trial, nil
}

func decodeWhole(text []byte) (*int, Trial, error) {
	var line struct {
		Schema *int `json:"c1m"`
		Trial
	}
	err := json.Unmarshal(text, &line)
	return line.Schema, line.Trial, err
}

// withWorkload adds the workload that is missing in files of older programs: the
// cell's, with the rate of the trial.
func (t Trial) withWorkload(cell Cell) Trial {
	if t.Load == nil || t.Load.Workload != (workload.Workload{}) {
		return t
	}
	w := cell.Workload
	w.RateShare, w.SLO, w.Upgrade, w.Work = 0, "", "", servers.Work{} // not passed to replicas
	if t.Rate > 0 {
		w.Rate = t.Rate
	}
	if w.Rate == 0 {
		w.Arrivals = ""
	}
	t.Load.Workload = w
	return t
}

// lineReader reads lines of up to maxLine bytes and counts them. bufio.Scanner
// cannot tell whether the last line ended with a newline.
type lineReader struct {
	r      *bufio.Reader
	number int // of the line last returned, from 1
	size   int // bytes read
}

// next returns the next line that is not blank, and whether it ended with a
// newline. The caller owns the line.
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
