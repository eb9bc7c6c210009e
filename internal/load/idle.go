//go:build linux

package load

// idle is traffic without requests: connections are held open, and bytes on them are
// errors.
type idle struct{ base }

func newIdle(l *loop, _ *Config) *idle { return &idle{base{l}} }
