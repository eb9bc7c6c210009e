package result

// maxDetail limits Fault.Detail in a merge, in bytes, because input may be hostile.
const maxDetail = 256

// Fault describes the connections that failed with one kind of error.
type Fault struct {
	Connections int64 `json:"connections"`

	// The fewest and the most complete replies that one of these connections
	// received before it failed.
	Least int64 `json:"least_replies"`
	Most  int64 `json:"most_replies"`

	// Idle of the connections had no request in flight. Kept of them survived
	// the error or were dialled again, and may be counted again.
	Idle int64 `json:"idle,omitempty"`
	Kept int64 `json:"kept,omitempty"`

	// Detail is what the first of them received, if it tells more than the kind of
	// error: unexpected bytes, quoted; the answer to an upgrade request; the
	// message of the operating system.
	Detail string `json:"said,omitempty"`
}

// Merge adds the connections of g.
func (f *Fault) Merge(g Fault) {
	switch {
	case g.Connections <= 0:
		return
	case f.Connections == 0:
		f.Least, f.Most = g.Least, g.Most
	default:
		f.Least, f.Most = min(f.Least, g.Least), max(f.Most, g.Most)
	}
	if f.Detail == "" {
		f.Detail = g.Detail[:min(len(g.Detail), maxDetail)]
	}
	f.Connections += g.Connections
	f.Idle += g.Idle
	f.Kept += g.Kept
}

// addFaults adds the faults of another replica, by kind of error.
func (r *Replica) addFaults(faults map[string]Fault) {
	for kind, f := range faults {
		r.AddFault(kind, f)
	}
}

// AddFault adds connections that failed with one kind of error.
func (r *Replica) AddFault(kind string, g Fault) {
	if r.Faults == nil {
		r.Faults = make(map[string]Fault)
	}
	f := r.Faults[kind]
	f.Merge(g)
	r.Faults[kind] = f
}

// Lost returns how many connections were lost to errors. It does not count
// connections that survived one, nor requests that found no connection.
func (r Replica) Lost() int64 {
	var sum int64
	if r.Faults == nil { // old files have no faults
		for _, n := range r.Errors {
			sum += n
		}
	}
	for _, f := range r.Faults {
		sum += f.Connections - f.Kept
	}
	return sum
}
