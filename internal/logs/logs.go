// Package logs makes one measurement from the logs of servers and replicas, and reports
// what is missing. It does not depend on how logs were collected, opens no files and
// judges no numbers.
package logs

import (
	"bufio"
	"c1m/internal/format"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"c1m/internal/result"
)

// ErrInput means that logs cannot be used: they are damaged, belong to several
// runs, or contain a replica's result twice. ErrIncomplete means that a replica's
// result is missing.
var (
	ErrInput      = errors.New("unusable logs")
	ErrIncomplete = errors.New("incomplete logs")
)

// problem is an error with its own message that wraps a sentinel.
type problem struct {
	kind error
	text string
}

func (p *problem) Error() string { return p.text }
func (p *problem) Unwrap() error { return p.kind }

func problemf(kind error, format string, args ...any) error {
	return &problem{kind, fmt.Sprintf(format, args...)}
}

// Limits of a Collection, because logs may contain anything.
const (
	maxRuns     = 1000
	maxReplicas = 100_000   // over all runs
	maxServers  = 16        // of a run
	maxUses     = 256 << 20 // bytes of a server's reports of its usage: more than a day's
	maxMessage  = 300       // bytes of why a replica failed
)

// Collection is the content of logs. It keeps one merged result for each run and a
// few numbers for each replica. The zero value is ready to use, by one goroutine.
type Collection struct {
	runs     map[string]*run
	replicas int               // over all runs
	damaged  map[string]*tally // places that could not be read, by run; "" if unknown
	strange  tally             // logs without a tagged line that are not text
	over     error             // the limit that was exceeded

	// A server that was started by hand has no run id: it may belong to any run.
	server account
}

// damage records a place that could not be read.
func (c *Collection) damage(run, text string) {
	if c.damaged == nil {
		c.damaged = make(map[string]*tally)
	}
	if c.damaged[run] == nil && len(c.damaged) >= maxRuns {
		run = "" // of any run
	}
	if c.damaged[run] == nil {
		c.damaged[run] = &tally{}
	}
	c.damaged[run].add(text)
}

// longest is the limit of a line, in bytes. Tagged lines stay below 16 KiB, the prefixes
// of collectors are short, and the json-file log driver makes lines longer by half.
const longest = 64 << 10

// Read reads a log with lines of any senders, or untagged ones: plain text, the
// format of Docker's json-file log driver, or either compressed with gzip. For any
// other format the error names the log and the format (ErrInput). Missing results
// are reported by Merge.
func (c *Collection) Read(r io.Reader, name string) error {
	in, err := opened(bufio.NewReaderSize(r, longest))
	if err != nil {
		return problemf(ErrInput, "%s: %v", name, err)
	}
	var decoder result.Lines
	tagged, text := false, true
	for number := 1; ; number++ {
		line, whole, err := next(in)
		if err != nil && err != io.EOF {
			return fmt.Errorf("%s:%d: %w", name, number, err)
		}
		if len(line) > 0 && c.scan(&decoder, unwrap(line), whole, fmt.Sprintf("%s:%d", name, number)) {
			tagged = true
		}
		text = text && !binary(line)
		if err == io.EOF {
			break
		}
	}
	if !tagged && !text {
		c.strange.add(name + " is not text")
	}
	for _, u := range decoder.Unfinished() {
		c.damage(u.Run, fmt.Sprintf("%s: the result of %s is truncated: %d of %d parts", name, u.From, u.Have, u.Parts))
	}
	return nil
}

// next returns the next line, or the start of one that is too long.
func next(in *bufio.Reader) (text string, whole bool, err error) {
	line, err := in.ReadSlice('\n')
	text, whole = string(line), true
	for errors.Is(err, bufio.ErrBufferFull) {
		whole = false
		_, err = in.ReadSlice('\n')
	}
	return text, whole, err
}

// scan handles a line, and reports whether it is tagged.
func (c *Collection) scan(decoder *result.Lines, text string, whole bool, where string) bool {
	line, ours, err := decoder.Scan(text)
	var version *result.VersionError
	switch {
	case err == nil && ours:
		c.take(line, where)
	case err == nil:
		return result.Tagged(text)
	default:
		run, from := sender(text)
		what := fmt.Sprintf("%s: a line of %s is damaged: %v", where, from, err)
		if errors.As(err, &version) {
			what = fmt.Sprintf("%s: a line of %s %v", where, from, version)
		} else if !whole {
			what = fmt.Sprintf("%s: a line of %s is longer than %d bytes", where, from, longest)
		}
		c.damage(run, what)
	}
	return true
}

var (
	runName  = regexp.MustCompile(`"run":"([^"\\]*)"`)
	fromName = regexp.MustCompile(`"from":"([^"\\]*)"`)
)

// sender returns the sender of a damaged line, if it is still readable.
func sender(text string) (run, from string) {
	first := func(pattern *regexp.Regexp) string {
		if m := pattern.FindStringSubmatch(text); m != nil {
			return m[1]
		}
		return ""
	}
	run, from = first(runName), first(fromName)
	if from == "" {
		from = "an unknown sender"
	}
	return run, from
}

func (c *Collection) take(line result.Line, where string) {
	if line.From == result.FromServer && line.Run == "" {
		c.server.take(line)
		return
	}
	if c.runs == nil {
		c.runs = make(map[string]*run)
	}
	r := c.runs[line.Run]
	if r == nil {
		if len(c.runs) == maxRuns {
			c.exceeds(where, maxRuns, "runs: pass those of one")
			return
		}
		r = &run{replicas: make(map[string]*replica)}
		c.runs[line.Run] = r
	}
	if line.From == result.FromServer {
		r.server.take(line)
		return
	}
	if r.replicas[line.From] == nil {
		if c.replicas == maxReplicas {
			c.exceeds(where, maxReplicas, "replicas: pass those of one run")
			return
		}
		c.replicas++
	}
	r.take(line, where)
}

// exceeds records the first limit that was exceeded.
func (c *Collection) exceeds(where string, most int, what string) {
	if c.over == nil {
		c.over = problemf(ErrInput, "%s: the logs contain more than %d %s", where, most, what)
	}
}

// Merge makes one measurement of a run; "" means the only one. If expect is above
// 0, it is the required number of replicas. A replica that is missing, is
// duplicated, or did not measure at the same time as the others is an error.
func (c *Collection) Merge(id string, expect int) (Merged, error) {
	if c.over != nil {
		return Merged{}, c.over
	}
	r, id, err := c.choose(id)
	if err != nil {
		return Merged{}, err
	}
	if err := c.readable(id); err != nil {
		return Merged{}, err
	}
	if err := r.complete(expect); err != nil {
		return Merged{}, err
	}
	if r.server.empty() {
		r.server = c.server
	}
	return r.merged(id)
}

// choose returns the run with that id.
func (c *Collection) choose(id string) (*run, string, error) {
	ids := slices.Sorted(maps.Keys(c.runs))
	if r, ok := c.runs[id]; ok && (id != "" || len(ids) == 1) {
		return r, id, nil
	}
	var held []string
	for _, id := range ids {
		held = append(held, fmt.Sprintf("%q of %s", id, format.Plural(len(c.runs[id].replicas), "replica")))
	}
	switch {
	case len(ids) == 0 && len(c.damaged) > 0:
		var all tally
		for _, run := range slices.Sorted(maps.Keys(c.damaged)) {
			all = all.and(*c.damaged[run])
		}
		return nil, "", unreadable(all)
	case len(ids) == 0 && c.strange.total > 0:
		return nil, "", problemf(ErrInput, "no replica is in the logs: %s", c.strange.some(3, "; "))
	case len(ids) == 0:
		return nil, "", problemf(ErrIncomplete, "no replica is in the logs")
	case id != "":
		return nil, "", problemf(ErrInput, "-run %s: not in the logs; they contain %s", id, some(held))
	case len(ids) == 1:
		return c.runs[ids[0]], ids[0], nil
	}
	return nil, "", problemf(ErrInput, "the logs contain %d runs: %s; choose one with -run", len(ids), some(held))
}

// readable returns an error for the parts of a run that could not be read. A line
// without a readable sender may belong to any run.
func (c *Collection) readable(id string) error {
	var of tally
	for _, run := range slices.Compact([]string{id, ""}) {
		if places := c.damaged[run]; places != nil {
			of = of.and(*places)
		}
	}
	if of.total == 0 {
		return nil
	}
	return unreadable(of)
}

func unreadable(damaged tally) error {
	return problemf(ErrInput, "%s", damaged.some(3, "; "))
}

// some lists a few names.
func some(names []string) string { return strings.Join(shorten(names, 10), ", ") }

// shorten keeps the first few, and counts the others.
func shorten(list []string, most int) []string {
	if len(list) <= most+1 {
		return list
	}
	return append(list[:most:most], fmt.Sprintf("and %s more", format.Grouped(len(list)-most)))
}
