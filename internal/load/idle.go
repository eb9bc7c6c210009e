//go:build linux

package load

// idle is traffic of connections that carry nothing. They are held open, and
// whatever comes on one of them is an error.
type idle struct{ base }

func newIdle(l *loop, _ *Config) *idle { return &idle{base{l}} }
