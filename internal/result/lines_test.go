package result

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func wire(t testing.TB, l Line) []string {
	t.Helper()
	var out bytes.Buffer
	if err := WriteLine(&out, l); err != nil {
		t.Fatal(err)
	}
	text, ok := strings.CutSuffix(out.String(), "\n")
	if !ok {
		t.Fatalf("no newline at the end of %q", text)
	}
	return strings.Split(text, "\n")
}

func failure(from, message string) Line {
	return Line{Run: "r1", From: from, Failed: &Failure{Message: message, Code: 3}}
}

func TestLineLooksAsDocumented(t *testing.T) {
	got := wire(t, Line{Run: "r1", From: "server", Ready: &Ready{Addr: "127.0.0.1:8972", PID: 7}})
	want := []string{`c1m {"v":1,"run":"r1","from":"server","ready":{"addr":"127.0.0.1:8972","pid":7}}`}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestEveryKindOfLineComesBack(t *testing.T) {
	load := replica(1, 100, 200)
	for _, l := range []Line{
		{From: "server", Ready: &Ready{PID: 1}},
		{From: "replica-1", Hello: &Hello{PID: 1}},
		{From: "replica-1", Progress: &Progress{Connected: 1, Asked: 2}},
		{From: "replica-1", Primed: &Primed{After: time.Second}},
		{From: "replica-1", Closed: &Closed{Operations: 9}},
		{From: "replica-1", Replica: &load},
		{From: "server", Server: &Counts{Accepted: 5, PerLoop: []int64{2, 3}, Last: true}},
		failure("replica-1", "a \"quoted\" \\ <tagged> c1m {\"v\":1,\"from\":\"x\"} \u2028 line\nbreak"),
	} {
		var d Lines
		got, ok, err := d.Scan(wire(t, l)[0])
		if err != nil || !ok || text(t, got) != text(t, l) {
			t.Errorf("got %s, %t, %v; want %s", text(t, got), ok, err, text(t, l))
		}
	}
}

func TestLineIsOneWrite(t *testing.T) {
	for _, size := range []int{1, 100_000} {
		var writes int
		err := WriteLine(writer(func(b []byte) (int, error) { writes++; return len(b), nil }), failure("server", strings.Repeat("x", size)))
		if err != nil || writes != 1 {
			t.Errorf("%d writes, %v; want 1", writes, err)
		}
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

func TestLongLinesStayBelowTheLimit(t *testing.T) {
	var d Lines
	for _, message := range []string{
		strings.Repeat("x", 7<<10),
		strings.Repeat("x", 8<<10),
		strings.Repeat(`"`, 50_000),
		strings.Repeat(`\`, 50_000),
		strings.Repeat("<", 50_000),
		strings.Repeat("\x01", 50_000),
		strings.Repeat("é世😀", 10_000),
	} {
		l := failure(strings.Repeat(`"`, NameSize), message)
		lines := wire(t, l)
		if whole := len(text(t, versioned{LineVersion, l})) + len(tag) + 1; (whole > longest) != (len(lines) > 1) {
			t.Errorf("%d bytes travel in %d lines", whole, len(lines))
		}
		for i, line := range lines {
			if len(line)+1 >= 16<<10 {
				t.Errorf("line %d of %d has %d bytes", i+1, len(lines), len(line)+1)
			}
			got, ok, err := d.Scan(line)
			if err != nil || ok != (i == len(lines)-1) {
				t.Fatalf("line %d of %d: %t, %v", i+1, len(lines), ok, err)
			}
			if ok && !reflect.DeepEqual(got, l) {
				t.Errorf("%.40q… came back as another line", message)
			}
		}
	}
	if left := d.Unfinished(); left != nil {
		t.Errorf("unfinished: %v", left)
	}
}

func TestScanFindsTheTag(t *testing.T) {
	const object = `{"v":1,"from":"server","closed":{"operations":1}}`
	for line, ours := range map[string]bool{
		"c1m " + object:                            true,
		"c1m " + object + "\r\n":                   true,
		"client-1  | c1m " + object:                true,
		"client-1  |c1m " + object:                 true,
		"c1m-client-1  | c1m " + object:            true,
		"xc1m {} c1m " + object:                    true,
		"2026-01-02T03:04:05Z c1m " + object:       true,
		"[pod/client-1/client] c1m " + object:      true,
		"\x1b[36mclient-1  | \x1b[0mc1m " + object: true,
		"\x1b[1;36mclient-1  |\x1b[mc1m " + object: true,
		"":                  false,
		"c1m":               false,
		"c1m is a program":  false,
		"xc1m " + object:    false,
		"farmc1m " + object: false,
		"c1m  " + object:    false,
		object:              false,
		"open 10,000 · 252,310 messages/s over 5s": false,
	} {
		var d Lines
		got, ok, err := d.Scan(line)
		if err != nil || ok != ours {
			t.Errorf("%q: %t, %v; want %t", line, ok, err, ours)
		}
		if ok && (got.Closed == nil || got.Closed.Operations != 1) {
			t.Errorf("%q: %+v", line, got)
		}
	}
}

func TestScanRefuses(t *testing.T) {
	for _, test := range []struct{ name, lines, want string }{
		{"no JSON", "c1m {", "unexpected end"},
		{"text after it", `c1m {"v":1,"from":"server","closed":{"operations":1}} and more`, "after top-level value"},
		{"wrong type", `c1m {"v":1,"from":1}`, "cannot unmarshal"},
		{"nothing said", `c1m {"v":1,"from":"server"}`, "has 0 reports"},
		{"two things said", `c1m {"v":1,"from":"server","closed":{},"primed":{}}`, "has 2 reports"},
		{"nobody said it", `c1m {"v":1,"closed":{}}`, "no sender"},
		{"part 0", `c1m {"v":1,"from":"a","message":1,"part":"0/2","text":"x"}`, "not I/N"},
		{"part beyond the last", `c1m {"v":1,"from":"a","message":1,"part":"3/2","text":"x"}`, "not I/N"},
		{"part of words", `c1m {"v":1,"from":"a","message":1,"part":"one","text":"x"}`, "not I/N"},
		{"too many parts", `c1m {"v":1,"from":"a","message":1,"part":"1/999999999","text":"x"}`, "at most"},
		{"part of nobody", `c1m {"v":1,"message":1,"part":"1/2","text":"x"}`, `"from"`},
		{"part without text", `c1m {"v":1,"from":"a","message":1,"part":"1/2"}`, "without text"},
		{"totals differ", `c1m {"v":1,"from":"a","message":1,"part":"1/3","text":"x"}` + "\n" + `c1m {"v":1,"from":"a","message":1,"part":"2/4","text":"x"}`, "earlier parts have a total of 3"},
		{"two texts", `c1m {"v":1,"from":"a","message":1,"part":"1/3","text":"x"}` + "\n" + `c1m {"v":1,"from":"a","message":1,"part":"1/3","text":"y"}`, "different text"},
		{"wrong sum", `c1m {"v":1,"from":"a","message":1,"part":"1/1","text":"x"}`, "do not match"},
		{"sum of no JSON", `c1m {"v":1,"from":"a","message":2363233923,"part":"1/1","text":"x"}`, "invalid character"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var d Lines
			var err error
			for line := range strings.SplitSeq(test.lines, "\n") {
				if err != nil {
					t.Fatalf("refused too early: %v", err)
				}
				var ok bool
				if _, ok, err = d.Scan(line); ok {
					t.Errorf("%s was accepted", line)
				}
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want …%q…", err, test.want)
			}
			if left := d.Unfinished(); left != nil {
				t.Errorf("still held: %v", left)
			}
		})
	}
}

func TestARepeatedPartIsNoHarm(t *testing.T) {
	var d Lines
	lines := wire(t, failure("server", strings.Repeat("x", 20_000)))
	last := len(lines) - 1
	for _, line := range append(slices.Clone(lines[:last]), lines[:last]...) {
		if _, ok, err := d.Scan(line); ok || err != nil {
			t.Fatal(ok, err)
		}
	}
	if _, ok, err := d.Scan(lines[last]); !ok || err != nil {
		t.Error(ok, err)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	const messages, size = 100, 1000
	d := Lines{limit: 10_000}
	given := 0
	piece := strings.Repeat("x", size)
	for i := range messages {
		_, _, err := d.Scan(fmt.Sprintf(`c1m {"v":1,"from":"a","message":%d,"part":"1/2","text":"%s"}`, i, piece))
		if err != nil {
			if !strings.Contains(err.Error(), "discarded with 1 of 2 parts") {
				t.Fatal(err)
			}
			given++
		}
		if d.held > d.limit {
			t.Fatalf("%d bytes held, want at most %d", d.held, d.limit)
		}
	}
	if held := len(d.Unfinished()); held < d.limit/(size+partCost+messageCost+10) || given+held != messages {
		t.Errorf("%d given up, %d held", given, held)
	}
}

// A line costs the same however many messages have begun: four times the lines
// take about four times the time, and not sixteen.
func TestManyUnfinishedMessagesAreLinear(t *testing.T) {
	scan := func(n int) time.Duration {
		var d Lines
		began := time.Now()
		for i := range n {
			if _, ok, err := d.Scan(fmt.Sprintf(`c1m {"v":1,"from":"a","message":%d,"part":"1/2","text":"x"}`, i)); ok || err != nil {
				t.Fatal(ok, err)
			}
		}
		return time.Since(began)
	}
	const n = 10_000
	ratio := math.Inf(1)
	for try := 0; try < 5 && ratio > 8; try++ { // the machine may be busy with something else in any of them
		ratio = min(ratio, float64(scan(4*n))/float64(scan(n)))
	}
	if ratio > 8 {
		t.Errorf("%d messages take %.1f times as long as %d", 4*n, ratio, n)
	}
}

// However many messages begin, what is held is bounded, beside their texts too.
func TestManySmallMessagesAreBounded(t *testing.T) {
	d := Lines{limit: 1 << 20}
	for i := range 10_000 {
		_, _, err := d.Scan(fmt.Sprintf(`c1m {"v":1,"from":"a","message":%d,"part":"1/2","text":"x"}`, i))
		if err != nil && !strings.Contains(err.Error(), "discarded") {
			t.Fatal(err)
		}
	}
	// The large one does not fit beside many small ones: more than one goes.
	_, _, err := d.Scan(fmt.Sprintf(`c1m {"v":1,"from":"b","message":1,"part":"1/2","text":"%s"}`, strings.Repeat("x", 60_000)))
	if err == nil || !strings.Contains(err.Error(), "others") {
		t.Error(err)
	}
	if n := len(d.Unfinished()); d.held > d.limit || n*messageCost > d.limit || n != len(d.open) {
		t.Errorf("%d messages, %d bytes held of %d", n, d.held, d.limit)
	}
}

// Lines of another version are refused before they are read, and so are those
// from before lines had one.
func TestLinesOfAnotherVersion(t *testing.T) {
	for line, want := range map[string]int{
		`c1m {"v":2,"run":"r","from":"server","closed":{"operations":1}}`: 2,
		`c1m {"v":2,"from":{"another":"type"}}`:                           2,
		`c1m {"run":"r","from":"server","closed":{"operations":1}}`:       0,
		`c1m {"run":"r","from":"a","message":1,"part":"1/2","text":"x"}`:  0,
		`c1m {"v":2,"from":"a","message":1,"part":"1/2","text":"x"}`:      2,
	} {
		var d Lines
		var version *VersionError
		_, ok, err := d.Scan(line)
		if ok || !errors.As(err, &version) || version.Version != want || !strings.Contains(err.Error(), "use the same build") {
			t.Errorf("%s: %v, %v", line, ok, err)
		}
	}
}

// A sender whose name would reach a terminal as an order to it is none.
func TestHostileSenders(t *testing.T) {
	for _, line := range []string{
		`c1m {"v":1,"from":"a\u001b[31m","closed":{}}`, `c1m {"v":1,"from":"a\u202e","closed":{}}`, "c1m {\"v\":1,\"run\":\"\u009b\",\"from\":\"a\",\"closed\":{}}",
		`c1m {"v":1,"from":"a\u2066","message":1,"part":"1/2","text":"x"}`,
	} {
		var d Lines
		if _, ok, err := d.Scan(line); ok || err == nil || !strings.Contains(err.Error(), "remove it") {
			t.Errorf("%q: %v, %v", line, ok, err)
		}
	}
}

func TestWriteLineRefuses(t *testing.T) {
	for _, l := range []Line{
		{From: "server"},
		{Closed: &Closed{}},
		{From: "server", Closed: &Closed{}, Primed: &Primed{}},
		{From: strings.Repeat("x", NameSize+1), Closed: &Closed{}},
		failure("server", strings.Repeat("x", maxMessage)),
	} {
		var out bytes.Buffer
		if err := WriteLine(&out, l); err == nil || out.Len() > 0 {
			t.Errorf("%.80s: %v, %d bytes written; want an error and none", text(t, l), err, out.Len())
		}
	}
}

// FuzzLines: lines of several senders, cut into parts and interleaved in any
// way, with garbage between them, decode to the same lines; garbage alone
// never panics, and what is decoded from it can be written again.
func FuzzLines(f *testing.F) {
	f.Add(uint64(1), "short", "c1m {", "client-1  | ")
	f.Add(uint64(2), strings.Repeat(`long "quoted" \ 世界`, 2000), `c1m {"v":1,"from":"a","message":1,"part":"1/2","text":"x"}`, "")
	f.Add(uint64(3), strings.Repeat("\x00<", 9000), "c1m {\"v\":1,\"from\":\"server\",\"closed\":{}}", "2026-01-02T03:04:05Z ")
	f.Fuzz(func(t *testing.T, seed uint64, message, garbage, prefix string) {
		const senders = 3
		var d, alone Lines
		if l, ok, err := alone.Scan(garbage); ok && err == nil {
			wire(t, l)
		}
		// What log collectors do not write is not asked of the decoder.
		if _, ours := untag(prefix + tag + "{"); !ours || strings.Contains(prefix, tag+"{") {
			prefix = ""
		}
		if strings.Contains(garbage, tag+"{") {
			garbage = "" // it may be a valid line, or a part of one
		}
		random := rand.New(rand.NewPCG(seed, 0))
		message = strings.ToValidUTF8(message, "?")
		queues := make([][]string, senders)
		want := make([][]string, senders)
		for s := range senders {
			for k := range 2 {
				l := failure(fmt.Sprintf("replica-%d", s), strings.Repeat(message, 1+random.IntN(3))+fmt.Sprint(k))
				queues[s] = append(queues[s], wire(t, l)...)
				want[s] = append(want[s], text(t, l))
			}
		}
		got := make([][]string, senders)
		for {
			ready := slices.DeleteFunc([]int{0, 1, 2}, func(s int) bool { return len(queues[s]) == 0 })
			if len(ready) == 0 {
				break
			}
			s := ready[random.IntN(len(ready))]
			l, ok, err := d.Scan(prefix + queues[s][0])
			queues[s] = queues[s][1:]
			if err != nil {
				t.Fatal(err)
			}
			if ok {
				got[s] = append(got[s], text(t, l))
			}
			if _, ok, err := d.Scan(garbage); ok || err != nil {
				t.Fatal(ok, err)
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%.200q, want %.200q", got, want)
		}
		if d.held != 0 || d.Unfinished() != nil {
			t.Errorf("%d bytes still held", d.held)
		}
	})
}
