package logs

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"c1m/internal/format"
	"c1m/internal/result"
)

func gzipped(t testing.TB, text string) string {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// jsonFile is text as Docker's json-file log driver keeps it.
func jsonFile(t testing.TB, text string) string {
	return asJSON(t, `{"log":%s,"stream":"stdout","time":"2026-03-01T12:00:00.000000000Z"}`, text)
}

// collected is text as a collector writes a json-file log again.
func collected(t testing.TB, text string) string {
	return asJSON(t, `{"stream": "stdout", "log": %s}`, text)
}

// asJSON is text with each line in an object of a form.
func asJSON(t testing.TB, form, text string) string {
	t.Helper()
	var out bytes.Buffer
	for line := range strings.Lines(text) {
		coded, err := json.Marshal(line)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, form+"\n", coded)
	}
	return out.String()
}

func utf16le(text string, mark bool) string {
	var out []byte
	if mark {
		out = append(out, 0xff, 0xfe)
	}
	for _, unit := range utf16.Encode([]rune(text)) {
		out = append(out, byte(unit), byte(unit>>8))
	}
	return string(out)
}

// Logs as daemons and collectors keep them are read like what was printed.
func TestFormatsThatAreRead(t *testing.T) {
	one, two := replicaLog(t, "r", 1), replicaLog(t, "r", 2)
	for name, texts := range map[string][]string{
		"json-file":                  {jsonFile(t, one), jsonFile(t, "hello\n"+two)},
		"json of a collector":        {collected(t, one), collected(t, two)},
		"gzip":                       {gzipped(t, one), gzipped(t, two)},
		"gzip after gzip":            {gzipped(t, one) + gzipped(t, two)},
		"gzip of json-file":          {gzipped(t, jsonFile(t, one+two))},
		"byte order mark":            {"\ufeff" + one + two},
		"zeros where a log was cut":  {strings.Repeat("\x00", 5000) + "\n" + one + two},
		"a binary beside them":       {one + two, "\x7fELF\x00\x00\x01"},
		"short, and nothing but LF":  {one, two, "\n"},
		"json of somebody, one ours": {`{"log":"other"}` + "\n" + `{"log":` + "\n" + one + two},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := collect(t, texts...).Merge("r", 2)
			if err != nil || got.Load.Operations != 2*operations {
				t.Errorf("%d operations, %v", got.Load.Operations, err)
			}
		})
	}
}

// What is no log is named for what it is, with what to do.
func TestFormatsThatAreNamed(t *testing.T) {
	one := replicaLog(t, "r", 1)
	tar := make([]byte, 1024)
	copy(tar[257:], "ustar")
	for _, c := range []struct{ name, text, want string }{
		{"zstd", "\x28\xb5\x2f\xfd....", "a.log: is compressed: decompress it first (zstd -d)"},
		{"xz", "\xfd7zXZ\x00", "xz -d"},
		{"bzip2", "BZh91AY", "bzip2 -d"},
		{"lz4", "\x04\x22\x4d\x18", "lz4 -d"},
		{"zip", "PK\x03\x04", "is a zip archive"},
		{"tar", string(tar), "is a tar archive"},
		{"UTF-16", utf16le(one, true), "a.log: is UTF-16: convert it first (iconv -f UTF-16 -t UTF-8)"},
		{"UTF-16 without a mark", utf16le(one, false), "is UTF-16"},
		{"run file", `{"c1m":1,"run":"x"}` + "\n", "a.log: is a run file, not a log: bench report prints it"},
		{"zstd in gzip", gzipped(t, "\x28\xb5\x2f\xfd...."), "zstd -d"},
		{"half a gzip header", "\x1f\x8b\x08", "a.log: damaged gzip: unexpected EOF"},
		{"a gzip cut off", gzipped(t, one)[:200], "unexpected EOF"},
		{"gzip and more", gzipped(t, one) + "something else", "gzip: invalid header"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var all Collection
			err := all.Read(strings.NewReader(c.text), "a.log")
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v, want …%s…", err, c.want)
			}
		})
	}
	_, err := collect(t, "\x7fELF\x00\x01").Merge("", 0)
	if want := "no replica is in the logs: a.log is not text"; !errors.Is(err, ErrInput) || err.Error() != want {
		t.Errorf("a binary: %v, want %s", err, want)
	}
}

func TestLinesOfAnotherVersion(t *testing.T) {
	one := replicaLog(t, "r", 1)
	for old, want := range map[string]string{
		strings.ReplaceAll(one, `"v":1,`, ""):         "b.log:1: a line of replica-1 has no version, and this program reads version 1",
		strings.ReplaceAll(one, `"v":1,`, `"v":2,`):   "b.log:1: a line of replica-1 has version 2, and this program reads version 1: use the same build",
		strings.ReplaceAll(one, `"v":1,`, `"v":"x",`): "b.log:1: a line of replica-1 is damaged",
	} {
		_, err := collect(t, one, old).Merge("", 0)
		if !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want …%s…", err, want)
		}
	}
}

// Whatever is wrong with a log may be wrong with each of its lines: it is
// counted, and memory does not grow with it.
func TestMemoryOfDamageIsBounded(t *testing.T) {
	const n = 50_000
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "c1m {\"v\":1,\"run\":\"r%d\",\"from\":\"replica-%d\",\"failed\":%s}\n", i, i, strings.Repeat("x", 200))
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	c := collect(t, text.String())
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 2<<20 {
		t.Errorf("%d damaged lines keep %d bytes", n, grown)
	}
	if _, err := c.Merge("", 0); !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), fmt.Sprintf("and %d more", n-3)) {
		t.Error(err)
	}
}

func TestBoundsOfACollection(t *testing.T) {
	one := replicaLog(t, "r", 1)
	ready := func(run, from string) string {
		return fmt.Sprintf("c1m {\"v\":1,\"run\":\"%s\",\"from\":\"%s\",\"ready\":{\"pid\":1}}\n", run, from)
	}
	lines := func(n int, line func(i int) string) string {
		var text strings.Builder
		for i := range n {
			text.WriteString(line(i))
		}
		return text.String()
	}
	for _, c := range []struct{ name, text, want string }{
		{"runs", lines(maxRuns, func(i int) string { return ready(fmt.Sprint("r", i), "a") }), "the logs contain more than 1000 runs"},
		{"replicas", lines(maxReplicas, func(i int) string { return ready("r", fmt.Sprint("x", i)) }), "the logs contain more than 100000 replicas"},
		{"servers", lines(maxServers+1, func(i int) string {
			return fmt.Sprintf("c1m {\"v\":1,\"run\":\"r\",\"from\":\"server\",\"ready\":{\"pid\":%d}}\n", i+1)
		}), "the logs contain more than 16 servers"},
		{"accounts", lines(5000, func(int) string {
			return "c1m {\"v\":1,\"run\":\"r\",\"from\":\"server\",\"use\":{\"per_loop\":[" + strings.Repeat("1,", 8000) + "1]}}\n"
		}), "has more than 256 MB of usage"},
		{"results twice", strings.Repeat(one, 30), "and 20 more; pass each log once"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := collect(t, one, c.text).Merge("r", 0); !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want …%s…", err, c.want)
			}
		})
	}
}

// Twice the replicas take about twice the time.
func TestManyReplicasAreLinear(t *testing.T) {
	merge := func(n int) time.Duration {
		var out bytes.Buffer
		for i := range n {
			if err := result.WriteLine(&out, result.Line{Run: "r", From: fmt.Sprintf("replica-%d", i*7919%n), Ready: &result.Ready{PID: 1}}); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		_, err := collect(t, out.String()).Merge("", n)
		if err == nil || !strings.Contains(err.Error(), format.Grouped(n)+" of "+format.Plural(n, "replica")+" left no result") {
			t.Fatal(err)
		}
		return time.Since(began)
	}
	const n = 10_000
	ratio := math.Inf(1)
	for try := 0; try < 5 && ratio > 8; try++ { // the machine may be busy with something else in any of them
		ratio = min(ratio, float64(merge(4*n))/float64(merge(n)))
	}
	if ratio > 8 {
		t.Errorf("%d replicas take %.1f times as long as %d", 4*n, ratio, n)
	}
}
