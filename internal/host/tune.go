//go:build linux

package host

// Tuned returns the facts after scripts/tune.sh on, which raises exactly these
// settings.
func (f Facts) Tuned() Facts {
	f.FirstPort, f.LastPort = min(f.FirstPort, 1024), max(f.LastPort, 65535)
	f.Somaxconn = max(f.Somaxconn, 65535)
	f.TCPPressure, f.TCPMax = max(f.TCPPressure, 2100000), max(f.TCPMax, 3100000)
	f.TrackedMax = max(f.TrackedMax, 2500000)
	return f
}
