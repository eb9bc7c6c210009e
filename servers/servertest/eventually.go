//go:build linux

package servertest

import "time"

// eventually asks until the answer is nil or the time is up; it returns the
// last answer.
func eventually(within time.Duration, ask func() error) error {
	deadline := time.Now().Add(within)
	for {
		err := ask()
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
}
