//go:build linux

package ring

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"c1m/internal/ring/ringtest"
)

// Under a profile that forbids io_uring Check says so, and what to change.
func TestCheckUnderAProfile(t *testing.T) {
	for errno, want := range map[unix.Errno]string{unix.EPERM: "seccomp", unix.ENOSYS: "seccomp profile hides it"} {
		found := make(chan error)
		go func() { // its thread ends with it
			runtime.LockOSThread()
			if err := ringtest.Forbid(errno); err != nil {
				found <- err
				return
			}
			found <- Check()
		}()
		var why *Unsupported
		err := <-found
		if !errors.As(err, &why) || !strings.Contains(why.Seen, want) || !strings.Contains(why.Fix, "allow io_uring_setup") || !errors.Is(err, errno) {
			t.Errorf("%v: %v", errno, err)
		}
	}
}
