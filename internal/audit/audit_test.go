package audit

import (
	"math"
	"strings"
	"testing"
)

// published is the table this program started from, as its articles have it.
const published = `server,TPS,mean latency,connections
goroutine per connection,"202,830",4.9 s,1M
"single epoll, single-epoll client","42,495",23 s,1M
single epoll,"42,402",0.8 s,1M
multiple epoll,"197,814",0.9 s,1M
prefork,"444,415",1.5 s,1M
workerpool,"190,022",0.3 s,1M
`

func TestPublishedTable(t *testing.T) {
	table, err := Read(strings.NewReader(published), "published.csv", Columns{})
	if err != nil {
		t.Fatal(err)
	}
	if len(table.Rows) != 6 || table.Latency != "mean latency" {
		t.Fatalf("%+v", table)
	}
	for i, want := range []struct{ product, factor float64 }{{993_867, 0}, {977_385, 0}, {33_921.6, 29.5}, {178_032.6, 5.62}, {666_622.5, 1.5}, {57_006.6, 17.5}} {
		v := Judge(table.Rows[i], 1)
		if math.Abs(v.Product-want.product) > 1 || math.Abs(v.Factor()-want.factor) > 0.05 {
			t.Errorf("%s: product %v, %v times; want %+v", v.Name, v.Product, v.Factor(), want)
		}
	}
}

// What the digits leave open is not held against a row, and what they do not is.
func TestJudge(t *testing.T) {
	for _, test := range []struct {
		throughput, latency string
		conns               float64
		perConn             int
		factor              float64
	}{
		{"1000", "1s", 1000, 1, 0},
		{"1000", "1.0s", 1050, 1, 0},
		{"1000", "1.00s", 1070, 1, 1.07},
		{"1000", "1s", 1500, 1, 0}, // 1s is 0.5 to 1.5
		{"1000", "1.000s", 500, 1, -2},
		{"1000", "1.000s", 500, 2, 0},
		{"161k", "369µs", 100, 1, 1.68},
	} {
		r := Row{Connections: test.conns}
		var err error
		if r.Throughput, err = amount(test.throughput); err != nil {
			t.Fatal(err)
		}
		if r.Latency, err = latency(test.latency, "", ""); err != nil {
			t.Fatal(err)
		}
		if got := Judge(r, test.perConn).Factor(); math.Abs(got-test.factor) > 0.005 {
			t.Errorf("%+v: %v", test, got)
		}
	}
}

func TestFormatsAndUnits(t *testing.T) {
	for name, text := range map[string]string{
		"comma":     "name,req/s,avg (ms),conns\nx,1000,100,100\n",
		"semicolon": "name;req/s;avg_ms;conns\nx;1000;100;100\n",
		"tab":       "name\treq/s\tavg [us]\tconns\nx\t1000\t100000\t100\n",
		"markdown":  "| **name** | req/s | avg | conns |\n|---|--:|--:|--:|\n| `x` | 1k | 100ms | 100 |\n",
		"a mark":    "\ufeffname,req/s,avg (ms),conns\nx,1000,100,100\n",
		"gaps":      "name,req/s,avg (ms),conns\ny,—,—,100\nx,1000,100,100\nz,n/a,,100\n",
		"no name":   "req/s,avg (ms),conns\n1000,100,100\n",
		"a minute":  "name,req/min,avg (s),conns\nx,60000,0.100,100\n",
		"1e3":       "name,req/s,avg (s),conns\nx,1e3,1.00e-1,100\n",
	} {
		table, err := Read(strings.NewReader(text), "t", Columns{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		r := table.Rows[0]
		if math.Abs(r.Throughput.Value-1000) > 1e-6 || math.Abs(r.Latency.Value-0.1) > 1e-9 || r.Connections != 100 || len(table.Rows) != 1 {
			t.Errorf("%s: %+v", name, table)
		}
	}
}

func TestRefused(t *testing.T) {
	for want, test := range map[string]struct {
		text string
		c    Columns
	}{
		`t:1: column "p50 ms" is a median: Little's law requires the mean`:                                                  {"name,rps,p50 ms,conns\nx,1,1,1\n", Columns{}},
		`t:1: no column for the latency: name it with -latency; the columns are name, rps, conns`:                           {"name,rps,conns\nx,1,1\n", Columns{}},
		`t:1: no column for the connections: name it with -connections; the columns are name, rps, mean ms; or give -conns`: {"name,rps,mean ms\nx,1,1\n", Columns{}},
		`t:1: -throughput "qps": no such column: want one of name, rps, mean ms`:                                            {"name,rps,mean ms\nx,1,1\n", Columns{Throughput: "qps", Conns: 1}},
		`t:2: latency: the latency has no unit: write it into the header, as in "mean (ms)", or give -unit`:                 {"name,rps,mean,conns\nx,1,1,1\n", Columns{}},
		`t:3: throughput "fast": want a number`:                                                                             {"name,rps,mean ms,conns\nx,1,1,1\ny,fast,1,1\n", Columns{}},
		`t:2: connections: want more than 0`:                                                                                {"name,rps,mean ms,conns\nx,1,1,0\n", Columns{}},
		`t:1: want a line of headers, and rows`:                                                                             {"", Columns{}},
		`t:1: no row has a throughput and a latency`:                                                                        {"name,rps,mean ms,conns\nx,,,1\n", Columns{}},
	} {
		if _, err := Read(strings.NewReader(test.text), "t", test.c); err == nil || err.Error() != want {
			t.Errorf("%q: %v\nwant %s", test.text, err, want)
		}
	}
}

// Whatever a file holds, a row that is read has numbers that can be judged.
func FuzzRead(f *testing.F) {
	f.Add(published)
	f.Add("| a | rps | mean ms | conns |\n|-|-|-|-|\n| x | 1e3 | 2 | 3 |\n")
	f.Add("name;tps;avg s;clients\n\"x;1;2;3\n")
	f.Fuzz(func(t *testing.T, text string) {
		table, err := Read(strings.NewReader(text), "t", Columns{Unit: "ms"})
		if err != nil {
			return
		}
		for _, r := range table.Rows {
			v := Judge(r, 1)
			if !(v.Product >= 0) || !(v.InFlight > 0) || math.IsNaN(v.Factor()) || v.Possible != (v.Factor() == 0) || r.Mean() < 0 {
				t.Errorf("%+v is judged %+v", r, v)
			}
		}
	})
}
