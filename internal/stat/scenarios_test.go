package stat

import (
	"math"
	"math/rand/v2"
)

// A scenario invents the trials of rows that do equally well, on a machine with
// troubles of some kind.
type scenario struct {
	name  string
	about string

	noise    float64                              // deviation of a trial's logarithm
	drift    bool                                 // the level wanders as in the recorded traces
	trend    float64                              // of the level, over the run
	bursts   bool                                 // another tenant for 1 to 10 trials
	outliers float64                              // share of trials that lose 20 to 80%
	modes    float64                              // share of instances that are 20% slower
	spread   func(row int) float64                // factor of the noise
	only     func(row int) (outliers, modes bool) // which rows have them; nil is all
}

func scenarios() []scenario {
	rising := func(row int) float64 { return []float64{2, 0.5, 1, 2, 4}[row%5] }
	last := func(row int) (bool, bool) { return row > 0, row > 0 }
	return []scenario{
		{name: "noise alone", about: "every trial scatters by 8%, independently", noise: 0.08},
		{name: "drift", about: "and the machine's level wanders by 12%, within seconds, minutes and hours", noise: 0.08, drift: true},
		{name: "trend", about: "drift, and the machine is 30% slower in the end than in the beginning", noise: 0.08, drift: true, trend: -0.36},
		{name: "bursts", about: "drift, and 2% of trials begin a burst of another program, which takes 30 to 60% of 1 to 10 trials", noise: 0.08, drift: true, bursts: true},
		{name: "outliers", about: "drift, and 5% of trials lose 20 to 80%", noise: 0.08, drift: true, outliers: 0.05},
		{name: "two modes", about: "drift, and 30% of server instances are 20% slower", noise: 0.05, drift: true, modes: 0.3},
		{name: "unequal spread", about: "drift, and rows scatter by 4 to 32%, the reference by 16%", noise: 0.08, drift: true, spread: rising},
		{name: "all of it", about: "all of the above together", noise: 0.06, drift: true, trend: -0.36, bursts: true, outliers: 0.05, modes: 0.3, spread: rising},
		{name: "one-sided", about: "drift, and all rows have outliers and two modes but the reference, which has neither", noise: 0.06, drift: true, outliers: 0.05, modes: 0.3, only: last},
	}
}

// run invents the logarithms of a run: rows × blocks, row 0 is the reference.
// The order within blocks is random and balanced: in as many blocks as there
// are rows each row stands once in each place.
func (s scenario) run(random *rand.Rand, rows, blocks int) [][]float64 {
	logs := make([][]float64, rows)
	for i := range logs {
		logs[i] = make([]float64, blocks)
	}
	machine := newMachine(random)
	var shift, who []int
	burst, loss := 0, 0.0
	for block := range blocks {
		if block%rows == 0 {
			shift, who = random.Perm(rows), random.Perm(rows)
		}
		for place := range rows {
			row := who[(place+shift[block%rows])%rows]
			v := s.noise * random.NormFloat64()
			if s.spread != nil {
				v *= s.spread(row)
			}
			if s.drift {
				v += machine.next()
			}
			v += s.trend * float64(block*rows+place) / float64(blocks*rows)
			if s.bursts {
				if burst == 0 && random.Float64() < 0.02 {
					burst, loss = 1+random.IntN(10), 0.3+0.3*random.Float64()
				}
				if burst > 0 {
					burst--
					v += math.Log1p(-loss)
				}
			}
			outliers, modes := true, true
			if s.only != nil {
				outliers, modes = s.only(row)
			}
			if outliers && random.Float64() < s.outliers {
				v += math.Log1p(-0.2 - 0.6*random.Float64())
			}
			if modes && random.Float64() < s.modes {
				v += math.Log1p(-0.2)
			}
			logs[row][block] = v
		}
	}
	return logs
}

// A machine has a level that wanders: the sum of processes that forget slowly,
// so that trials correlate as those recorded do.
type machine struct {
	random *rand.Rand
	levels []float64
}

// wander is the deviation and the memory, in trials, of each of the processes.
var wander = []struct{ deviation, memory float64 }{{0.05, 4}, {0.07, 30}, {0.08, 300}}

func newMachine(random *rand.Rand) *machine {
	m := &machine{random, make([]float64, len(wander))}
	for i, w := range wander {
		m.levels[i] = w.deviation * random.NormFloat64()
	}
	return m
}

func (m *machine) next() float64 {
	sum := 0.0
	for i, w := range wander {
		keep := math.Exp(-1 / w.memory)
		m.levels[i] = keep*m.levels[i] + w.deviation*math.Sqrt(1-keep*keep)*m.random.NormFloat64()
		sum += m.levels[i]
	}
	return sum
}

// pairsOf sets every row against row 0, with an effect on each.
func pairsOf(logs [][]float64, effect float64) []Pairs {
	list := make([]Pairs, len(logs)-1)
	for i := range list {
		for b := range logs[0] {
			list[i].A = append(list[i].A, math.Exp(logs[0][b]))
			list[i].B = append(list[i].B, math.Exp(logs[i+1][b]+effect))
		}
	}
	return list
}
