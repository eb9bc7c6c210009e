package result

import (
	"bytes"
	"os"
	"reflect"
	"testing"

	"c1m/internal/hist"
)

// Skimmed, a run is what Read gives but for its distributions: of every stored
// run, with each kind of traffic.
func TestSkim(t *testing.T) {
	for _, name := range []string{"architectures", "open-loop", "one-loop"} {
		file, err := os.ReadFile("../../results/" + name + ".jsonl")
		if err != nil {
			t.Fatal(err)
		}
		for _, latency := range []bool{false, true} {
			whole, err := Read(bytes.NewReader(file), name)
			if err != nil {
				t.Fatal(err)
			}
			skimmed, err := Skim(bytes.NewReader(file), name, func(Header) bool { return latency })
			if err != nil {
				t.Fatal(err)
			}
			loads := 0
			for i, trial := range whole.Trials {
				if l := trial.Load; l != nil {
					loads++
					for _, h := range []**hist.Histogram{&l.Connect, &l.Upgrade, &l.Raw, &l.Lateness, &l.Reconnect} {
						*h = nil
					}
					if l.Shares = nil; !latency {
						l.Latency = nil
					}
				}
				if !reflect.DeepEqual(trial, skimmed.Trials[i]) {
					t.Fatalf("%s, latency %t, trial %d:\n%+v, want\n%+v", name, latency, i, skimmed.Trials[i], trial)
				}
			}
			if loads == 0 || len(whole.Trials) != len(skimmed.Trials) || !reflect.DeepEqual(whole.Header, skimmed.Header) {
				t.Errorf("%s: %d loads, %d and %d trials", name, loads, len(whole.Trials), len(skimmed.Trials))
			}
		}
	}
}

// The histograms of stages are skipped too, and do not count against the limit of a file.
func TestSkimStages(t *testing.T) {
	h, trials := small()
	for i := range trials {
		if trials[i].Load != nil {
			trials[i].Load.Stages = StageList{{Due: 1, Operations: 1, Latency: hist.New()}}
		}
	}
	file := write(t, h, trials)
	whole, err := Read(bytes.NewReader(file), "f")
	if err != nil {
		t.Fatal(err)
	}
	skimmed, err := Skim(bytes.NewReader(file), "f", func(Header) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	loads := 0
	for i, trial := range whole.Trials {
		if trial.Load == nil {
			continue
		}
		loads++
		if len(trial.Load.Stages) != 1 || skimmed.Trials[i].Load.Stages != nil {
			t.Errorf("trial %d: %d stages, skimmed %d; want 1 and none", i, len(trial.Load.Stages), len(skimmed.Trials[i].Load.Stages))
		}
	}
	if loads == 0 {
		t.Error("no trial has a load")
	}
}

// What is read is bounded and checked as in Read.
func TestSkimRefuses(t *testing.T) {
	h, trials := small()
	file := write(t, h, trials)
	none := func(Header) bool { return false }
	if run, err := Skim(bytes.NewReader(file[:len(file)-5]), "f", none); err != nil || !run.Truncated || len(run.Trials) != len(trials)-1 {
		t.Errorf("cut off: %v, %+v", err, run)
	}
	bad := bytes.Replace(file, []byte(`"window_ns":`), []byte(`"window_ns":-`), -1)
	if _, err := Skim(bytes.NewReader(bad), "f", none); err == nil {
		t.Error("a negative window is accepted")
	}
	if _, err := Skim(bytes.NewReader(append(file, file...)), "f", none); err == nil {
		t.Error("two run files in one are accepted")
	}
}
