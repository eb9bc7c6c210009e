package result

import "math"

// Place is what bounds a process, or several that work together: less than
// the machine has, where a control group or an affinity says so.
type Place struct {
	Set      string  `json:"set"`                    // CPUs it may run on, as the kernel lists them: 0-3,8
	Width    int     `json:"cpus"`                   // how many these are
	Quota    float64 `json:"quota_cpus,omitempty"`   // CPUs' worth of time that control groups allow, below Width; 0: no such limit
	Memory   int64   `json:"memory_bytes,omitempty"` // that control groups allow; 0: no such limit
	Governor string  `json:"governor,omitempty"`     // of the CPUs' frequency; empty where it cannot be read
}

// CPUs is how many processors' time there is, 0.5 for half of one.
func (p Place) CPUs() float64 {
	if p.Quota > 0 {
		return min(p.Quota, float64(p.Width))
	}
	return float64(p.Width)
}

// Loops is how many event loops, processes or workers there are where there is
// one for each CPU: more than can run at once would only take turns.
func (p Place) Loops() int { return max(1, int(math.Ceil(p.CPUs()))) }
