package result

// maxSaid bounds Fault.Said, in bytes: a merge keeps it, whoever wrote it.
const maxSaid = 256

// Fault is how connections failed in one way: what the server had given each
// by then.
type Fault struct {
	Connections int64 `json:"connections"`

	// Whole replies that a connection had received since it was opened: the
	// fewest and the most of these connections.
	Least int64 `json:"least_replies"`
	Most  int64 `json:"most_replies"`

	// Idle of the connections had no request in flight; Kept of them were not
	// lost by it, or were dialled again.
	Idle int64 `json:"idle,omitempty"`
	Kept int64 `json:"kept,omitempty"`

	// Said is what the first of them was told, where that says more than the
	// kind of error: the bytes that do not fit, quoted; the answer to a request
	// to upgrade; the system's words.
	Said string `json:"said,omitempty"`
}

// Merge adds other connections.
func (f *Fault) Merge(g Fault) {
	switch {
	case g.Connections <= 0:
		return
	case f.Connections == 0:
		f.Least, f.Most = g.Least, g.Most
	default:
		f.Least, f.Most = min(f.Least, g.Least), max(f.Most, g.Most)
	}
	if f.Said == "" {
		f.Said = g.Said[:min(len(g.Said), maxSaid)]
	}
	f.Connections += g.Connections
	f.Idle += g.Idle
	f.Kept += g.Kept
}

// addFaults adds those of another replica, by kind of error.
func (r *Replica) addFaults(faults map[string]Fault) {
	for kind, f := range faults {
		r.AddFault(kind, f)
	}
}

// AddFault adds connections that failed in one way.
func (r *Replica) AddFault(kind string, g Fault) {
	if r.Faults == nil {
		r.Faults = make(map[string]Fault)
	}
	f := r.Faults[kind]
	f.Merge(g)
	r.Faults[kind] = f
}

// Lost is how many connections the errors cost: not those that served on, and
// none for a request that found no connection.
func (r Replica) Lost() int64 {
	var sum int64
	if r.Faults == nil { // as in files from before they were recorded
		for _, n := range r.Errors {
			sum += n
		}
	}
	for _, f := range r.Faults {
		sum += f.Connections - f.Kept
	}
	return sum
}
